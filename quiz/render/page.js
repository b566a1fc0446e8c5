// Keeps, checks and saves what was typed; it knows nothing of right or wrong.
(function () {
  "use strict";
  var about = JSON.parse(document.getElementById("about").textContent);
  var settings = JSON.parse(document.getElementById("settings").textContent);
  var words = settings.words;
  var storageName = "quiz-paper:" + about.paper;
  var asks = Array.prototype.slice.call(document.querySelectorAll(".ask"));
  var unsaved = false;

  function all(place, query) { return Array.prototype.slice.call(place.querySelectorAll(query)); }
  function by(id) { return document.getElementById(id); }
  function fill(template, values) {
    return template.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
  }
  function written(value) {
    var text = String(Number(value.toPrecision(7))).replace("-", "\u2212");
    return settings.lang === "en" ? text : text.replace(".", ",");
  }
  function named(ask) { return ask.querySelector("[data-ask]").dataset; }
  function label(ask) {
    return fill(words.question, {
      place: named(ask).question, ask: ask.querySelector("label, legend").textContent.trim()
    });
  }

  // --- what an answer is, as text, for each kind of field
  var kinds = {
    number: {
      get: function (ask) { return ask.querySelector("input").value.trim(); },
      set: function (ask, text) { ask.querySelector("input").value = text; return true; }
    },
    choice: {
      get: function (ask) { return ticked(ask).join(" "); },
      set: function (ask, text) { return tick(ask, text); }
    },
    several: {
      get: function (ask) { return ticked(ask).join(" "); },
      set: function (ask, text) { return tick(ask, text); }
    },
    order: {
      get: function (ask) {
        if (!ask.querySelector(".taken input").checked) return "";
        return all(ask, "li").map(function (line) { return line.dataset.option; }).join(" ");
      },
      set: function (ask, text) {
        var list = ask.querySelector(".sortable");
        var lines = all(ask, "li").sort(function (a, b) { return a.dataset.option - b.dataset.option; });
        var wanted = parts(text);
        var fits = wanted.slice().sort().join() === lines.map(function (l) { return l.dataset.option; }).sort().join();
        if (text && !fits) return false;
        if (text) lines = wanted.map(function (place) { return lines[place - 1]; });
        lines.forEach(function (line) { list.appendChild(line); });
        ask.querySelector(".taken input").checked = Boolean(text);
        return true;
      }
    },
    vector: {
      get: function (ask) {
        var cells = values(ask);
        return cells.some(Boolean) ? cells.join("; ") : "";
      },
      set: function (ask, text) { return place(ask, text, [text]); }
    },
    matrix: {
      get: function (ask) {
        var rows = all(ask, "tr").map(values);
        if (!rows.some(function (row) { return row.some(Boolean); })) return "";
        return rows.map(function (row) { return "[" + row.join("; ") + "]"; }).join(" ");
      },
      set: function (ask, text) { return place(ask, text, text.match(/\[[^\[\]]*\]/g) || []); }
    }
  };
  function parts(text) { return text.split(/[\s,;]+/).filter(Boolean); }
  function values(place) { return all(place, "input.cell").map(function (cell) { return cell.value.trim(); }); }
  function ticked(ask) {
    return all(ask, "input").filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
  }
  function tick(ask, text) {
    var wanted = parts(text), known = all(ask, "input").map(function (box) { return box.value; });
    all(ask, "input").forEach(function (box) { box.checked = wanted.indexOf(box.value) >= 0; });
    return wanted.every(function (value) { return known.indexOf(value) >= 0; });
  }
  function place(ask, text, rows) {
    var cells = all(ask, "input.cell");
    var found = [].concat.apply([], rows.map(function (row) {
      var inner = row.replace(/[\[\]()]/g, "").trim();
      return (inner.indexOf(";") >= 0 ? inner.split(";") : inner.split(/\s+/)).map(function (cell) { return cell.trim(); });
    }));
    var fits = found.length === cells.length;
    cells.forEach(function (cell, number) { cell.value = text && fits ? found[number] : ""; });
    return !text || fits;
  }

  function collect() {
    var answers = {};
    asks.forEach(function (ask) {
      var question = named(ask).question;
      if (!answers[question]) answers[question] = {};
      answers[question][named(ask).ask] = kinds[ask.dataset.kind].get(ask);
    });
    return answers;
  }
  function spread(answers) {
    return asks.filter(function (ask) {
      var given = (answers[named(ask).question] || {})[named(ask).ask];
      return !kinds[ask.dataset.kind].set(ask, given === undefined || given === null ? "" : String(given));
    });
  }

  // --- attributes follow, so that a page saved by the browser's own menu has the answers too
  function mirror(ask) {
    all(ask, "input").forEach(function (box) {
      if (box.type === "radio" || box.type === "checkbox") box.toggleAttribute("checked", box.checked);
      else if (box.type !== "hidden") box.setAttribute("value", box.value);
    });
    var hidden = ask.querySelector("input[type=hidden]");
    if (hidden) hidden.setAttribute("value", kinds[ask.dataset.kind].get(ask));
  }

  // --- what is understood of a number
  function check(ask) {
    var cells = ask.dataset.kind === "number" ? all(ask, "input") : all(ask, "input.cell");
    var said = ask.querySelector("output.said");
    if (!said) return;
    var odd = 0, told = [], empty = 0;
    cells.forEach(function (cell) {
      var typed = cell.value.trim();
      var read = typed ? readNumber(typed, settings.lang, settings.expressions) : null;
      var wrong = Boolean(typed) && !read;
      if (wrong) cell.setAttribute("aria-invalid", "true");
      else cell.removeAttribute("aria-invalid");
      odd += wrong;
      empty += !typed;
      if (read && read.worked) told.push(written(read.value));
    });
    said.className = odd ? "said odd" : "said";
    said.textContent = odd ? words.odd : told.length ? fill(words.read, { value: told.join("; ") })
      : empty && empty < cells.length ? fill(words.cells, { count: empty }) : "";
  }

  // --- kept in the browser
  function keep() {
    try {
      localStorage.setItem(storageName, JSON.stringify({ answers: collect(), unsaved: unsaved }));
      by("kept").textContent = words.kept;
    } catch (error) {
      by("kept").textContent = words.not_kept;
    }
  }
  function changed(ask) {
    mirror(ask);
    unsaved = true;
    keep();
    if (!by("missing").hidden) showMissing(false);
  }
  function refresh() { asks.forEach(function (ask) { mirror(ask); check(ask); }); }

  function begin() {
    var found = null;
    try { found = JSON.parse(localStorage.getItem(storageName)); } catch (error) { found = null; }
    if (found && found.answers) {
      spread(found.answers);
      unsaved = Boolean(found.unsaved);
      keep();
      if (unanswered().length < asks.length) by("kept").textContent = words.restored + " " + words.kept;
    } else {
      keep();
    }
    refresh();
  }

  // --- fields
  asks.forEach(function (ask) {
    var timer = 0;
    ask.addEventListener("input", function (event) {
      if (ask.dataset.kind === "several" && event.target.checked) {
        all(ask, "input").forEach(function (box) { // "none" excludes the others
          if ((box.value === "0") !== (event.target.value === "0")) box.checked = false;
        });
      }
      changed(ask);
      clearTimeout(timer);
      timer = setTimeout(function () { check(ask); }, 400);
    });
    ask.addEventListener("click", function (event) {
      var button = event.target.closest(".move button");
      if (!button) return;
      var line = button.closest("li"), up = button.classList.contains("up");
      var other = up ? line.previousElementSibling : line.nextElementSibling;
      if (other) line.parentNode.insertBefore(up ? line : other, up ? other : line);
      ask.querySelector(".taken input").checked = true;
      button.focus();
      var lines = all(ask, "li");
      ask.querySelector(".said").textContent = fill(words.moved, {
        option: line.querySelector("span").textContent, place: lines.indexOf(line) + 1, most: lines.length
      });
      changed(ask);
    });
  });

  // --- save
  function unanswered() {
    return asks.filter(function (ask) {
      var text = kinds[ask.dataset.kind].get(ask);
      return !text || (ask.querySelector("input.cell") && values(ask).some(function (cell) { return !cell; }));
    });
  }
  function showMissing(focus) {
    var left = unanswered(), box = by("missing"), list = box.querySelector("ul");
    list.textContent = "";
    left.forEach(function (ask) {
      var line = document.createElement("li"), link = document.createElement("a");
      link.href = "#" + ask.id;
      link.textContent = label(ask);
      link.addEventListener("click", function (event) {
        event.preventDefault();
        ask.scrollIntoView({ block: "center" });
        ask.querySelector("input:not([type=hidden]), button").focus({ preventScroll: true });
      });
      line.appendChild(link);
      list.appendChild(line);
    });
    box.hidden = !left.length;
    by("save").textContent = left.length ? words.anyway : saveText;
    if (left.length && focus) box.focus();
    return left.length;
  }
  var saveText = by("save").textContent;
  by("save").addEventListener("click", function () {
    if (by("missing").hidden && showMissing(true)) return; // the second press saves all the same
    about.answers = collect();
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(about, null, 1)], { type: "application/json" }));
    link.download = about.paper + ".json";
    link.click();
    unsaved = false;
    keep();
    by("missing").hidden = true;
    by("save").textContent = saveText;
    by("saved").textContent = fill(words.saved, { file: link.download });
  });

  by("load").addEventListener("change", function (event) {
    var file = event.target.files[0];
    if (!file) return;
    file.text().then(function (text) {
      var found = null;
      try { found = JSON.parse(text); } catch (error) { found = null; }
      if (!found || found.paper !== about.paper || typeof found.answers !== "object" || !found.answers) {
        by("kept").textContent = words.foreign;
        return;
      }
      var odd = spread(found.answers);
      unsaved = false;
      keep();
      refresh();
      by("kept").textContent = odd.length ? words.unplaced + " " + odd.map(label).join("; ") : words.loaded;
      event.target.value = "";
    });
  });

  by("forget").addEventListener("click", function () {
    if (!window.confirm(words.sure)) return;
    spread({});
    unsaved = false;
    refresh();
    try { localStorage.removeItem(storageName); } catch (error) { /* nothing was kept */ }
    by("kept").textContent = words.forgotten;
  });

  window.addEventListener("beforeunload", function (event) {
    if (!unsaved) return;
    event.preventDefault();
    event.returnValue = "";
  });

  begin();
})();
