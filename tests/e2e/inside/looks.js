// How the page looks: what is read on it, what sticks out of it, and what the browser has no letters for.

/** Texts that are seen, and what a screen reader says beside them; but for names, and what the agent says of itself. */
const seen = () => {
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const place = walk.currentNode.parentElement;
    if (place.closest("script, noscript, .masthead, .tile-own") || !walk.currentNode.textContent.trim()) continue;
    if (place.checkVisibility()) texts.push(walk.currentNode.textContent.trim());
  }
  for (const place of document.querySelectorAll("[aria-label], [placeholder], [title], img[alt]"))
    for (const name of ["aria-label", "placeholder", "title", "alt"])
      if (place.getAttribute(name)) texts.push(place.getAttribute(name));
  return texts;
};

const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Whether a field is too narrow for what stands in it while it is empty. */
const cutsOff = (field) => {
  const { font, paddingLeft, paddingRight } = getComputedStyle(field);
  pen.font = font;
  const room = field.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
  return pen.measureText(field.placeholder).width > room;
};

/** What sticks out of the screen, or of its own box by more than a turned arrow does. */
const stickingOut = () =>
  [...document.body.querySelectorAll("*")]
    .filter((place) => {
      if (!place.checkVisibility() || place.closest(".sr-only")) return false;
      const box = place.getBoundingClientRect();
      const cut = place.scrollWidth > place.clientWidth + 4 && getComputedStyle(place).display !== "inline";
      if (place.placeholder && cutsOff(place)) return true;
      return box.right > innerWidth + 1 || box.left < -1 || (cut && place.clientWidth > 0);
    })
    .map((place) => `${place.tagName}#${place.id}.${place.className}: ${place.placeholder ?? place.textContent.trim()}`);

/** Show every part at once, and in it, one after the other, the sentences that scripts put there; gives what sticks out. */
const stickingOutOf = (places) => {
  for (const part of document.querySelectorAll("[hidden]")) part.removeAttribute("hidden");
  document.getElementById("transcript").innerHTML = '<li class="line"><span class="line-tag"></span></li>';
  document.getElementById("understood").innerHTML =
    '<div><dt></dt><dd><span></span><button class="after-correct"></button></dd></div>';
  const found = stickingOut();
  const rounds = Math.max(...Object.values(places).map((sentences) => sentences.length));
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, sentences] of Object.entries(places))
      document.querySelector(place).textContent = sentences[round % sentences.length];
    found.push(...stickingOut());
  }
  return [...new Set(found)];
};

const picture = (letter) => {
  pen.clearRect(0, 0, 60, 60);
  pen.fillText(letter, 8, 40);
  return pen.getImageData(0, 0, 60, 60).data.join();
};

/**
 * Letters and signs that are drawn as the box that stands for one no font has; and signs beside which a letter is drawn
 * no otherwise than they are alone, on the dotted circle that stands for a letter.
 */
const undrawn = (letters, signs) => {
  pen.font = `32px ${getComputedStyle(document.body).fontFamily}`;
  const box = picture("\u{10FFFD}");
  const width = (text) => pen.measureText(text).width;
  return [
    ...letters.filter((letter) => picture(letter) === box),
    ...signs.filter(([before, sign]) => Math.abs(width(before + sign) - width(before) - width(sign)) < 0.5).map(([before, sign]) => before + sign),
  ];
};

window.looks = { seen, stickingOutOf, undrawn };
