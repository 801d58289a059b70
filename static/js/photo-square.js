// Optional comfort: shows which square of a photo is kept, and lets it be dragged. The sliders say the same without it.
const LARGEST = 480;

const follow = (box) => {
  const part = box.querySelector("select");
  const sliders = box.querySelector("fieldset");
  const [across, down, size] = sliders.querySelectorAll("input");
  const file = document.getElementById(box.dataset.square);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  let photo = null;
  let grip = null;

  const square = () => {
    const side = (Math.min(canvas.width, canvas.height) * size.value) / 100;
    const [wide, high] = [canvas.width - side, canvas.height - side];
    return { side, wide, high, left: (wide * across.value) / 100, top: (high * down.value) / 100 };
  };

  const draw = () => {
    sliders.hidden = part.value !== "square";
    if (!photo) return;
    pen.drawImage(photo, 0, 0, canvas.width, canvas.height);
    if (sliders.hidden) return;
    const { side, left, top } = square();
    const scale = photo.width / canvas.width;
    pen.fillStyle = "rgb(0 0 0 / 60%)";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(photo, left * scale, top * scale, side * scale, side * scale, left, top, side, side);
    pen.strokeStyle = "white";
    pen.lineWidth = 2;
    pen.strokeRect(left, top, side, side);
  };

  const show = (found) => {
    photo = found;
    const scale = Math.min(1, LARGEST / Math.max(photo.width, photo.height));
    [canvas.width, canvas.height] = [photo.width * scale, photo.height * scale];
    sliders.before(canvas);
    draw();
  };

  const at = (event) => {
    const scale = canvas.width / canvas.clientWidth;
    return [event.clientX * scale, event.clientY * scale];
  };

  const move = (slider, place, way) => {
    if (way >= 1) slider.value = Math.round((100 * place) / way);
  };

  canvas.className = "photo-square";
  canvas.setAttribute("aria-hidden", "true"); // the sliders are for everybody else
  canvas.addEventListener("pointerdown", (event) => {
    part.value = "square";
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    const { left, top } = square();
    grip = [x - left, y - top];
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const [x, y] = at(event);
    const { wide, high } = square();
    move(across, x - grip[0], wide);
    move(down, y - grip[1], high);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (grip = null));

  box.addEventListener("input", draw);
  file.addEventListener("change", async () => {
    // what is no picture is said by the server
    const found = file.files[0] && (await createImageBitmap(file.files[0]).catch(() => null));
    if (found) show(found);
  });
  if (box.dataset.photo) {
    const present = new Image();
    present.addEventListener("load", () => photo ?? show(present));
    present.src = box.dataset.photo;
  }
  draw();
};

document.querySelectorAll("[data-square]").forEach(follow);
