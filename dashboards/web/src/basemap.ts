// The base map: one archive of our own, read by ranges (docs/adr/0007-offline-base-map.md).

import { addProtocol, type AddProtocolAction, type VectorSourceSpecification } from "maplibre-gl";
import { PMTiles } from "pmtiles";

const SCHEME = "basemap";

export const ATTRIBUTION =
  "Coastline and borders: GSHHG/WDBII (LGPL-3.0). Ports: searoute (Apache-2.0).";

/** A tile that the archive leaves out on purpose: the map shows its nearest ancestor. */
const missing = (): Error => Object.assign(new Error("no tile"), { status: 404 });

/** Serve the archive under `basemap://z/x/y`; return a promise of whether it is there. */
export async function openBasemap(url: string): Promise<boolean> {
  const archive = new PMTiles(url);
  const load: AddProtocolAction = async (request, abort) => {
    const [z, x, y] = request.url.slice(SCHEME.length + 3).split("/").map(Number);
    const tile = await archive.getZxy(z!, x!, y!, abort.signal);
    if (tile === undefined) throw missing();
    return { data: tile.data };
  };
  addProtocol(SCHEME, load);
  return archive.getHeader().then(() => true, () => false);
}

/** `sparse` is experimental, so the style's types do not have it yet. */
export const BASEMAP_SOURCE: VectorSourceSpecification & { readonly sparse: true } = {
  type: "vector",
  tiles: [`${SCHEME}://{z}/{x}/{y}`],
  minzoom: 0,
  maxzoom: 11,
  sparse: true,
  attribution: ATTRIBUTION,
};
