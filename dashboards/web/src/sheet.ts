// A transparent canvas over the map: what moves is drawn here, so that the map below need not be.

import type { View } from "./view";

export class Sheet {
  private readonly canvas = document.createElement("canvas");
  private readonly pen: CanvasRenderingContext2D;

  constructor(place: HTMLElement, className: string, private readonly draw: (pen: CanvasRenderingContext2D, view: View) => void) {
    this.canvas.className = `sheet ${className}`;
    place.append(this.canvas);
    const pen = this.canvas.getContext("2d");
    if (pen === null) throw new Error("no canvas");
    this.pen = pen;
  }

  /** Draw all of it anew, at `ratio` pixels per CSS pixel. */
  redraw(view: View, ratio: number): void {
    const width = Math.round(view.width * ratio);
    const height = Math.round(view.height * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw(this.pen, view);
  }
}
