// Draws every vessel in one call. A layer of MapLibre's own would lay out thousands of symbols anew
// in its worker for each change; here a change costs one upload of a few bytes per vessel.

import { type CustomLayerInterface, type CustomRenderMethodInput, type Map as MapLibre, MercatorCoordinate } from "maplibre-gl";

import type { Drawn } from "./features";
import { CELL, VESSEL_SYMBOLS } from "./symbols";

export interface Placed extends Drawn {
  readonly lon: number;
  readonly lat: number;
}

const COLUMNS = 8;
const ROWS = Math.ceil(VESSEL_SYMBOLS.length / COLUMNS);
const CELLS = new Map(VESSEL_SYMBOLS.map((name, index) => [name, index]));
/** x, y from the anchor; direction in radians; cell; opacity. */
const FLOATS = 5;
const OPACITY = [1, 0.72, 0.5, 0.6] as const;

const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform vec2 u_size;
layout(location = 0) in vec2 a_place;
layout(location = 1) in vec3 a_look;
out vec2 v_cell;
out float v_opacity;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 from_middle = corner * 2.0 - 1.0;
  float s = sin(a_look.x), c = cos(a_look.x);
  vec2 turned = vec2(from_middle.x * c - from_middle.y * s, from_middle.x * s + from_middle.y * c);
  vec4 place = u_matrix * vec4(a_place, 0.0, 1.0);
  gl_Position = place + vec4(turned * vec2(1.0, -1.0) * u_size * place.w, 0.0, 0.0);
  v_cell = (vec2(mod(a_look.y, ${COLUMNS}.0), floor(a_look.y / ${COLUMNS}.0)) + corner) / vec2(${COLUMNS}, ${ROWS});
  v_opacity = a_look.z;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D u_symbols;
in vec2 v_cell;
in float v_opacity;
out vec4 colour;
void main() { colour = texture(u_symbols, v_cell) * v_opacity; }`;

interface Gpu {
  readonly program: WebGLProgram;
  readonly array: WebGLVertexArrayObject;
  readonly buffer: WebGLBuffer;
  readonly texture: WebGLTexture;
  readonly matrix: WebGLUniformLocation | null;
  readonly size: WebGLUniformLocation | null;
}

export class Fleet implements CustomLayerInterface {
  readonly id = "vessels";
  readonly type = "custom";
  private readonly vessels = new Map<string, Placed>();
  private map: MapLibre | null = null;
  private gpu: Gpu | null = null;
  private images: ReadonlyMap<string, ImageData>;
  private anchor = new MercatorCoordinate(0, 0);
  private isChanged = true;
  private isRecoloured = true;

  constructor(images: ReadonlyMap<string, ImageData>) {
    this.images = images;
  }

  get(subject: string): Placed | undefined {
    return this.vessels.get(subject);
  }

  all(): Iterable<Placed> {
    return this.vessels.values();
  }

  put(vessel: Placed): void {
    this.vessels.set(vessel.subject, vessel);
    this.isChanged = true;
  }

  remove(subject: string): void {
    this.isChanged = this.vessels.delete(subject) || this.isChanged;
  }

  recolour(images: ReadonlyMap<string, ImageData>): void {
    this.images = images;
    this.isRecoloured = true;
    this.map?.triggerRepaint();
  }

  repaint(): void {
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.gpu = setUp(gl);
    this.isChanged = this.isRecoloured = true;
  }

  onRemove(): void {
    this.gpu = null; // its context is gone, or goes with the map
  }

  render(gl: WebGL2RenderingContext, { defaultProjectionData }: CustomRenderMethodInput): void {
    const { gpu, map } = this;
    if (gpu === null || map === null || this.vessels.size === 0) return;
    gl.useProgram(gpu.program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, gpu.texture);
    if (this.isRecoloured) this.uploadSymbols(gl);
    gl.bindVertexArray(gpu.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gpu.buffer);
    if (this.isChanged) this.uploadVessels(gl, map);
    gl.uniformMatrix4fv(gpu.matrix, false, moved(defaultProjectionData.mainMatrix, this.anchor));
    const side = CELL * scale(map.getZoom());
    const { clientWidth, clientHeight } = map.getCanvas();
    gl.uniform2f(gpu.size, side / clientWidth, side / clientHeight);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.vessels.size);
    gl.bindVertexArray(null);
  }

  /** Positions are sent as offsets from the middle of the view: single precision is a few metres
   * over the whole world, and far less than a pixel near the anchor. */
  private uploadVessels(gl: WebGL2RenderingContext, map: MapLibre): void {
    const anchor = MercatorCoordinate.fromLngLat(map.getCenter());
    const rows = new Float32Array(this.vessels.size * FLOATS);
    const sorted = [...this.vessels.values()].sort((a, b) => a.order - b.order);
    sorted.forEach((vessel, index) => {
      const { x, y } = MercatorCoordinate.fromLngLat(vessel);
      const cell = CELLS.get(vessel.symbol) ?? 0;
      const direction = (vessel.rotation * Math.PI) / 180;
      rows.set([x - anchor.x, y - anchor.y, direction, cell, OPACITY[vessel.age] ?? 1], index * FLOATS);
    });
    gl.bufferData(gl.ARRAY_BUFFER, rows, gl.DYNAMIC_DRAW);
    this.anchor = anchor;
    this.isChanged = false;
  }

  private uploadSymbols(gl: WebGL2RenderingContext): void {
    const side = this.images.get(VESSEL_SYMBOLS[0]!)!.width;
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, side * COLUMNS, side * ROWS, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    VESSEL_SYMBOLS.forEach((name, index) => {
      const x = (index % COLUMNS) * side;
      const y = Math.floor(index / COLUMNS) * side;
      gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, gl.RGBA, gl.UNSIGNED_BYTE, this.images.get(name)!);
    });
    gl.generateMipmap(gl.TEXTURE_2D);
    this.isRecoloured = false;
  }
}

/** Symbols grow with the zoom, from 0.45 of their size to a little more than it. */
const scale = (zoom: number): number =>
  zoom < 9 ? 0.45 + (Math.max(0, zoom - 4) / 5) * 0.27 : Math.min(1.05, 0.72 + ((zoom - 9) / 5) * 0.33);

function setUp(gl: WebGL2RenderingContext): Gpu {
  const program = gl.createProgram();
  for (const [kind, code] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, code);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "shader");
  const array = gl.createVertexArray();
  const buffer = gl.createBuffer();
  const texture = gl.createTexture();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  for (const [location, size, offset] of [[0, 2, 0], [1, 3, 8]] as const) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, gl.FLOAT, false, FLOATS * 4, offset);
    gl.vertexAttribDivisor(location, 1);
  }
  gl.bindVertexArray(null);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, 2);
  gl.bindTexture(gl.TEXTURE_2D, null);
  return {
    program, array, buffer, texture,
    matrix: gl.getUniformLocation(program, "u_matrix"),
    size: gl.getUniformLocation(program, "u_size"),
  };
}

/** The matrix for offsets from the anchor, worked out in double precision. */
export function moved(matrix: ArrayLike<number>, { x, y }: { readonly x: number; readonly y: number }): Float32Array {
  const result = Float32Array.from(matrix);
  for (let row = 0; row < 4; row += 1) {
    result[12 + row] = matrix[row]! * x + matrix[4 + row]! * y + matrix[12 + row]!;
  }
  return result;
}
