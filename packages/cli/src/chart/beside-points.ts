/** A point with its words; `across` and `down` are where it is drawn, in pixels from the frame's corner. */
export interface NamedPoint {
  readonly x: number;
  readonly y: number;
  readonly across: number;
  readonly down: number;
  readonly text: string;
  /** Of the text, in pixels. */
  readonly width: number;
}

/** Where the words of a point stand, in pixels from the point. */
export interface Labelled extends Pick<NamedPoint, 'x' | 'y' | 'text'> {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'end';
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const lineHeight = 14;
const away = 9;
/** Right of the point, then left, then ever further up and down. */
const steps = [0, -1, 1, -2, 2, -3, 3, -4, 4].flatMap((step) =>
  (['start', 'end'] as const).map((anchor) => ({ anchor, dy: step * lineHeight })),
);

/** Words beside their points, inside the frame, clear of other words and points where there is room; the first points choose first. */
export function besidePoints(
  points: readonly NamedPoint[],
  frame: { readonly width: number; readonly height: number },
): Labelled[] {
  const taken: Box[] = points.map(({ across, down }) => boxAround(across, down, 5, 5));
  return points.map((point, at) => {
    const isFree = (box: Box): boolean =>
      box.left >= 0 &&
      box.right <= frame.width &&
      box.top >= 0 &&
      box.bottom <= frame.height &&
      !taken.some((other, index) => index !== at && overlap(box, other));
    const free = steps.find(({ anchor, dy }) => isFree(boxOf(point, anchor, dy)));
    const { anchor, dy } = free ?? { anchor: 'start', dy: 0 };
    taken.push(boxOf(point, anchor, dy));
    return { x: point.x, y: point.y, text: point.text, dx: anchor === 'start' ? away : -away, dy, anchor };
  });
}

function boxOf({ across, down, width }: NamedPoint, anchor: 'start' | 'end', dy: number): Box {
  const middle = anchor === 'start' ? across + away + width / 2 : across - away - width / 2;
  return boxAround(middle, down + dy, width / 2, lineHeight / 2);
}

function boxAround(across: number, down: number, halfWidth: number, halfHeight: number): Box {
  return {
    left: across - halfWidth,
    right: across + halfWidth,
    top: down - halfHeight,
    bottom: down + halfHeight,
  };
}

const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
