// Lines to bring into order: by buttons, by dragging; the selects that hold the places stay what is sent.
export function sortable(root, words) {
  root.querySelectorAll("ol.places").forEach((list) => {
    if (list.dataset.ready || list.querySelector("select:disabled")) return;
    list.dataset.ready = "yes";
    const needed = list.dataset.kind === "blocks";
    const lines = () => [...list.children];
    const select = (line) => line.querySelector("select");
    const chosen = () => lines().filter((line) => !needed || select(line).value);
    const number = () => chosen().forEach((line, place) => { select(line).value = String(place + 1); });
    const tell = (line) => {
      const place = chosen().indexOf(line) + 1;
      const text = words.moved.replace("%(place)s", place).replace("%(count)s", chosen().length);
      document.getElementById("live").textContent = text;
    };
    const changed = (line) => {
      number();
      tell(line);
      select(line).dispatchEvent(new Event("change", { bubbles: true }));
    };
    const bySelects = () => lines()
      .sort((a, b) => (Number(select(a).value) || 999) - (Number(select(b).value) || 999))
      .forEach((line) => list.append(line));
    bySelects();
    list.addEventListener("change", (event) => { if (event.isTrusted) bySelects(); });
    lines().forEach((line) => {
      const name = line.querySelector(".line").textContent;
      const moves = document.createElement("span");
      moves.className = "moves";
      [["up", "↑"], ["down", "↓"]].forEach(([way, sign]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = sign;
        button.setAttribute("aria-label", words[way] + ": " + name);
        button.addEventListener("click", () => {
          const other = way === "up" ? line.previousElementSibling : line.nextElementSibling;
          if (needed && !select(line).value) select(line).value = "1";
          if (other && way === "up") other.before(line);
          else if (other) other.after(line);
          button.focus();
          changed(line);
        });
        moves.append(button);
      });
      line.append(moves);
      line.draggable = true;
      line.addEventListener("dragstart", () => line.classList.add("held"));
      line.addEventListener("dragend", () => { line.classList.remove("held"); changed(line); });
      line.addEventListener("dragover", (event) => {
        const held = list.querySelector(".held");
        if (!held || held === line) return;
        event.preventDefault();
        const box = line.getBoundingClientRect();
        if (event.clientY < box.top + box.height / 2) line.before(held);
        else line.after(held);
      });
    });
  });
}
