// Shows the frames of a lab one after another without leaving the page, and puts points where one clicks.
const lab = document.getElementById("lab");
const held = new Map();
let place = Number(lab.dataset.place);
let length = Number(lab.dataset.length);
let stops = [];
let playing = 0;

const id = (name) => document.getElementById(name);
const last = () => length - 1;

async function frame(number) {
  if (!held.has(number)) {
    const address = new URL(lab.dataset.frames, location.href);
    address.searchParams.set("frame", String(number));
    const found = await (await fetch(address)).json();
    length = found.length;
    stops = found.stops;
    found.frames.forEach((content, offset) => held.set(found.first + offset, content));
  }
  return held.get(number);
}

function drawn(content) {
  const figure = document.createElement("figure");
  figure.className = "frame";
  if (content.area) figure.dataset.area = content.area.join(" ");
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(content.svg);
  image.alt = content.alt;
  figure.append(image);
  return figure;
}

async function show(number) {
  const wanted = Math.max(0, Math.min(number, last()));
  const content = await frame(wanted);
  place = wanted;
  const figures = content.pictures.map(drawn);
  await Promise.all(figures.map((figure) => figure.firstChild.decode().catch(() => null)));
  id("pictures").replaceChildren(...figures);
  id("said").innerHTML = content.sentences.map((sentence) => "<p>" + sentence + "</p>").join("");
  id("counter").textContent = lab.dataset.frame.replace("%(place)s", place).replace("%(last)s", last());
  const address = new URL(location.href);
  address.searchParams.set("frame", String(place));
  history.replaceState(null, "", address);
  if (id("hide")) {
    address.searchParams.set("hide", "1");
    id("hide").href = address.href;
    id("hide").hidden = place === 0;
  }
  if (place + 1 <= last()) frame(place + 1);
}

const moves = {
  first: () => 0,
  back: () => place - 1,
  on: () => place + 1,
  stop: () => stops.find((end) => end > place) ?? last(),
  last: () => last(),
};

function pause() {
  clearTimeout(playing);
  playing = 0;
  if (id("play")) id("play").textContent = lab.dataset.play;
}

async function step() {
  await show(place + 1);
  if (playing && place < last()) playing = setTimeout(step, 400);
  else pause();
}

function play() {
  if (playing) return pause();
  if (place === last()) place = -1;
  id("play").textContent = lab.dataset.pause;
  playing = setTimeout(step, 0);
}

// The pictures of the frame, below one another, as a file.
function save() {
  const images = [...document.querySelectorAll("#pictures img")];
  const canvas = document.createElement("canvas");
  canvas.width = 2 * Math.max(...images.map((image) => image.naturalWidth));
  canvas.height = 2 * images.reduce((sum, image) => sum + image.naturalHeight, 0);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let top = 0;
  images.forEach((image) => {
    pen.drawImage(image, 0, top, 2 * image.naturalWidth, 2 * image.naturalHeight);
    top += 2 * image.naturalHeight;
  });
  const link = document.createElement("a");
  link.href = canvas.toDataURL("image/png");
  link.download = "lab.png";
  link.click();
}
const png = document.createElement("button");
png.type = "button";
png.id = "png";
png.textContent = lab.dataset.png;
png.addEventListener("click", save);
id("files").append(png);

// A click puts a point of class 1, with the Shift key or the other mouse button one of class 0.
function put(event, one) {
  const figure = event.target.closest("figure[data-area]");
  if (!figure) return;
  event.preventDefault();
  const [left, top, wide, high, x0, x1, y0, y1, width] = figure.dataset.area.split(" ").map(Number);
  const box = event.target.getBoundingClientRect();
  const scale = width / box.width;
  const across = ((event.clientX - box.left) * scale - left) / wide;
  const up = 1 - ((event.clientY - box.top) * scale - top) / high;
  if (across < 0 || across > 1 || up < 0 || up > 1) return;
  const at = (share, low, end) => (low + share * (end - low)).toFixed(2);
  const points = id("set-points");
  const point = at(across, x0, x1) + " " + at(up, y0, y1) + " " + (one ? "1" : "0");
  points.value = id("set-data").value === "own" && points.value ? points.value + "; " + point : point;
  id("set-data").value = "own";
  id("settings").requestSubmit();
}
if (id("set-points")) {
  id("pictures").addEventListener("click", (event) => put(event, !event.shiftKey));
  id("pictures").addEventListener("contextmenu", (event) => put(event, false));
}

if (!lab.dataset.hidden) {
  await frame(place);
  Object.entries(moves).forEach(([name, target]) => id(name).addEventListener("click", (event) => {
    event.preventDefault();
    pause();
    show(target());
  }));
  const button = document.createElement("button");
  button.type = "button";
  button.id = "play";
  button.textContent = lab.dataset.play;
  button.addEventListener("click", play);
  id("counter").before(button);
  lab.addEventListener("keydown", (event) => {
    const name = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last" }[event.key];
    if (!name || event.target.matches("input, textarea, select")) return;
    event.preventDefault();
    pause();
    show(moves[name]());
  });
}
