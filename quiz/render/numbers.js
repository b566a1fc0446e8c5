// Reads a number or an expression of numbers by the grammar of quiz/text/expressions.py: an object with the
// value and whether it was worked out, or null. It warns while somebody types; it marks nothing.
function readNumber(typed, lang, expressions) {
  "use strict";
  var GROUP = "\u00a0\u2009\u202f";
  var EDGE = "(?:(?!\u00ad)[\\s\\p{Cf}\\u001c-\\u001f\\u0085\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0\\ufe00-\\ufe0f])+";
  var text = typed.replace(new RegExp("^" + EDGE, "u"), "").replace(new RegExp(EDGE + "$", "u"), "");
  var alike = { "\u0435": "e", "\u0415": "E", "\u0430": "a", "\u043e": "o", "\u0441": "c", "\u0440": "p", "\u0445": "x",
    "\u0443": "y", "\u0456": "i", "\u0455": "s", "\u03b5": "e", "\u03bf": "o" };
  text = text.replace(/[\u2212\u2010-\u2015\u2043\u02d7\ufe58\ufe63\uff0d\u2796]/g, "-")
    .replace(/[\u0435\u0415\u0430\u043e\u0441\u0440\u0445\u0443\u0456\u0455\u03b5\u03bf]/g, function (c) { return alike[c]; });

  function bounded(value) {
    if (!isFinite(value) || Math.abs(value) > 1e300) throw new Error("no value");
    return value;
  }

  function literal(part) {
    if (part.length > 64) throw new Error("too long");
    var match = /^([+-]?)([0-9]+)\/([0-9]+)$/.exec(part);
    if (match) return bounded(Number(match[1] + match[2]) / Number(match[3]));
    match = new RegExp("^([+-]?)([0-9]{1,3}(?:[" + GROUP + "][0-9]{3})+|[0-9]*)(?:([.,])([0-9]*))?(?:[eE]([+-]?[0-9]+))?$")
      .exec(part);
    if (!match || !(match[2] || match[4])) throw new Error("no number");
    if (match[3] === "," && lang === "en" && /^[+-]?[1-9][0-9]{0,2},[0-9]{3}$/.test(part)) throw new Error("ambiguous");
    if (match[5] && match[5].replace(/[+-]/, "").length > 3) throw new Error("exponent");
    var digits = match[2].replace(new RegExp("[" + GROUP + "]", "g"), "") || "0";
    return bounded(Number(match[1] + digits + "." + (match[4] || "0") + "e" + (match[5] || "0")));
  }

  var functions = {
    sigma: function (x) { return 1 / (1 + Math.exp(-x)); }, tanh: Math.tanh,
    relu: function (x) { return Math.max(x, 0); }, step: function (x) { return x > 0 ? 1 : 0; },
    softplus: function (x) { return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))); },
    exp: Math.exp, ln: Math.log, lg: Math.log10, log2: Math.log2, sqrt: Math.sqrt, abs: Math.abs,
    sin: Math.sin, cos: Math.cos
  };
  functions.sigmoid = functions["\u03c3"] = functions.sigma;
  functions.th = functions.tanh;
  functions.log10 = functions.lg;
  functions["\u221a"] = functions.sqrt;
  var choices = { max: Math.max, min: Math.min };
  var constants = { e: Math.E, pi: Math.PI, "\u03c0": Math.PI };

  function worked(whole) {
    if (whole.length > 256) throw new Error("too long");
    whole = whole.replace(/[\u00d7\u00b7\u22c5\u2219\u2217]/g, "*").replace(/[\u00f7\u2215\u2044]/g, "/");
    var scan = new RegExp("((?:[0-9]{1,3}(?:[" + GROUP + "][0-9]{3})+(?![0-9])|[0-9]+)(?:[.,][0-9]+|\\.)?(?:[eE][+-]?[0-9]+)?" +
      "|[.,][0-9]+(?:[eE][+-]?[0-9]+)?)|([A-Za-z]+[0-9]*|[\u03c3\u03c0\u221a])" +
      "|(\\^|\\*\\*|[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)|([-+*/();,])|(\\s+)", "y");
    var tokens = [], place = 0, depth = 0, match;
    while (scan.lastIndex < whole.length) {
      match = scan.exec(whole);
      if (!match) throw new Error("a sign");
      if (match[5] === undefined) tokens.push({ kind: match[1] ? "n" : match[2] ? "f" : match[3] ? "p" : "s", text: match[0] });
    }
    function next() { return place < tokens.length ? tokens[place].text : ""; }
    function kind() { return place < tokens.length ? tokens[place].kind : ""; }
    function take(wanted) {
      if (place < tokens.length && wanted.indexOf(next()) >= 0) return tokens[place++].text;
      return "";
    }
    function sum() {
      depth += 1;
      if (depth > 20) throw new Error("depth");
      var value = product(), sign, other;
      while ((sign = take(["+", "-"]))) { other = product(); value = bounded(sign === "+" ? value + other : value - other); }
      depth -= 1;
      return value;
    }
    function product() {
      var value = signed(), sign, other;
      while ((sign = take(["*", "/"]))) { other = signed(); value = bounded(sign === "*" ? value * other : value / other); }
      return value;
    }
    function signed() { return take(["+", "-"]) === "-" ? -power() : power(); }
    function power() {
      var base = atom(), token, exponent;
      if (kind() !== "p") return base;
      token = tokens[place++].text;
      if (token === "^" || token === "**") {
        exponent = take(["+", "-"]) === "-" ? -atom() : atom();
      } else {
        exponent = Number(token.slice(0, 4).split("").map(function (c) {
          return "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079".indexOf(c);
        }).join(""));
      }
      if (kind() === "p") throw new Error("power of a power");
      return bounded(Math.pow(base, exponent));
    }
    function closed(value) {
      if (!take([")"])) throw new Error("bracket");
      return value;
    }
    function atom() {
      var name, given;
      if (kind() === "n") return literal(tokens[place++].text);
      if (take(["("])) return closed(sum());
      if (kind() !== "f") throw new Error("missing");
      name = tokens[place++].text;
      name = constants.hasOwnProperty(name) ? name : name.toLowerCase();
      if (constants.hasOwnProperty(name)) return constants[name];
      if (name === "\u221a" && next() !== "(") return bounded(functions[name](atom()));
      if (!functions.hasOwnProperty(name) && !choices.hasOwnProperty(name)) throw new Error("name");
      if (!take(["("])) throw new Error("bracket");
      given = [sum()];
      while (take([";", ","])) given.push(sum());
      closed(0);
      if (choices.hasOwnProperty(name) === (given.length === 1)) throw new Error("values");
      return bounded((choices[name] || functions[name]).apply(null, given));
    }
    var value = sum();
    if (place < tokens.length) throw new Error("more");
    return value;
  }

  try {
    return { value: literal(text), worked: false };
  } catch (refused) {
    if (!expressions) return null;
  }
  try {
    return { value: worked(text), worked: true };
  } catch (refused) {
    return null;
  }
}
