// Collects what was typed and offers it as a file; it knows nothing of right or wrong.
document.getElementById("save").addEventListener("click", function () {
  var about = JSON.parse(document.getElementById("about").textContent);
  about.answers = {};
  document.querySelectorAll("input[data-ask]").forEach(function (field) {
    var place = field.dataset.question;
    if (!about.answers[place]) about.answers[place] = {};
    about.answers[place][field.dataset.ask] = field.value;
  });
  var link = document.createElement("a");
  var file = new Blob([JSON.stringify(about, null, 1)], { type: "application/json" });
  link.href = URL.createObjectURL(file);
  link.download = about.paper + ".json";
  link.click();
});
