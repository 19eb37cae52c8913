/** A person before a wall of stripes, drawn, so that nobody's face is in the repository: what a camera would see. Runs in a page. */
export interface Scene {
  readonly width: number;
  readonly height: number;
}

/** Where there is surely wall, and where surely the person, as shares of width and height. */
export const places = {
  wall: [
    { x: 0.03, y: 0.1, width: 0.14, height: 0.5 },
    { x: 0.83, y: 0.1, width: 0.14, height: 0.5 },
  ],
  face: { x: 0.46, y: 0.36, width: 0.08, height: 0.16 },
} as const;

/** A track that shows the scene, with the person swaying a little, so that every picture is another one. */
export function filmOf(
  { width, height }: Scene,
  pictures: number,
): { track: MediaStreamTrack; stop: () => void; size: (scene: Scene) => void } {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("The browser gives no canvas.");
  let size: Scene = { width, height };
  let count = 0;
  const draw = () => {
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    context.setTransform(size.width / 1280, 0, 0, size.height / 720, 0, 0);
    paint(context, Math.sin(count / 6) * 6);
    count += 1;
  };
  draw();
  const [track] = canvas.captureStream(pictures).getVideoTracks();
  if (!track) throw new Error("The canvas gives no track.");
  const timer = setInterval(draw, 1000 / pictures);
  return {
    track,
    stop: () => {
      clearInterval(timer);
      track.stop();
    },
    size: (next) => {
      size = next;
    },
  };
}

/** On 1280 × 720. */
function paint(context: CanvasRenderingContext2D, sway: number): void {
  for (let stripe = 0; stripe < 64; stripe += 1) {
    context.fillStyle = stripe % 2 === 0 ? "#e9e2d2" : "#4f6f8f";
    context.fillRect(stripe * 20, 0, 20, 720);
  }
  context.save();
  context.translate(sway, 0);
  fill(context, "#35577a", "M300 740 Q330 545 530 520 L750 520 Q950 545 980 740 Z");
  fill(context, "#d9a27e", "M565 440 h150 v90 q-75 70 -150 0 z");
  fill(context, "#c28a66", "M565 470 q75 60 150 0 v30 q-75 60 -150 0 z");
  const skin = context.createRadialGradient(600, 280, 20, 640, 330, 190);
  skin.addColorStop(0, "#ecbb98");
  skin.addColorStop(1, "#cf9270");
  context.fillStyle = skin;
  context.beginPath();
  context.ellipse(640, 330, 138, 168, 0, 0, 7);
  context.fill();
  fill(
    context,
    "#3a2318",
    "M498 325 Q480 150 640 146 Q800 150 782 325 Q770 235 690 222 Q590 240 540 232 Q508 262 498 325 Z",
  );
  for (const x of [590, 690]) {
    context.fillStyle = "#ffffff";
    context.beginPath();
    context.ellipse(x, 330, 20, 12, 0, 0, 7);
    context.fill();
    context.fillStyle = "#22190f";
    context.beginPath();
    context.ellipse(x, 330, 9, 10, 0, 0, 7);
    context.fill();
  }
  for (const x of [566, 666]) line(context, "#3a2318", 9, `M${x} 300 q24 -14 48 0`);
  line(context, "#a86a4c", 7, "M640 340 q14 34 -6 42");
  line(context, "#7c2f2a", 9, "M590 418 q50 40 100 0");
  context.restore();
}

function fill(context: CanvasRenderingContext2D, colour: string, path: string): void {
  context.fillStyle = colour;
  context.fill(new Path2D(path));
}

function line(context: CanvasRenderingContext2D, colour: string, width: number, path: string): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = "round";
  context.stroke(new Path2D(path));
}
