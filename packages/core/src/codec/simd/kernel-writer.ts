import { type Expression, integer, type Statement, unsigned, type ValueType } from './expression.ts';

/** A function of WebAssembly that returns nothing. */
export interface Kernel {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Statement;
}

/** Reading it is an expression. */
export interface Local<T extends ValueType> extends Expression<T> {
  set(value: Expression<T>): Statement;
}

/** Collects what a kernel consists of: first its parameters in their order, then its locals, then its statements. */
export class KernelWriter {
  readonly #parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];

  parameter<T extends ValueType>(type: T): Local<T> {
    this.#parameters.push(type);
    return local(type, this.#parameters.length - 1);
  }

  /** A variable that starts as 0. No parameter can follow it. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return local(type, this.#parameters.length + this.#locals.length - 1);
  }

  finish(name: string, statements: readonly Statement[]): Kernel {
    return { name, parameters: this.#parameters, locals: this.#locals, body: statements.flat() };
  }
}

function local<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    bytes: [0x20, ...unsigned(index)],
    set: (value) => [...value.bytes, 0x21, ...unsigned(index)],
  };
}

/** Elements that one turn of a kernel's loop takes. */
export const elementsATurn = 16;

/** Pointers of a loop, each with the bytes that it moves on by in a turn. */
type Pointers = readonly (readonly [Local<'i32'>, number])[];

/** Statements done once for every 16 of `count` elements, after which each pointer moves on by its bytes. `count` is used up. */
export function everySixteen(
  count: Local<'i32'>,
  pointers: Pointers,
  statements: readonly Statement[],
): Statement {
  return every(elementsATurn, count, pointers, statements);
}

/** As `everySixteen`, for every so many elements. */
export function every(
  elements: number,
  count: Local<'i32'>,
  pointers: Pointers,
  statements: readonly Statement[],
): Statement {
  const moves = pointers.map(([pointer, step]) => pointer.set(add(pointer, step)));
  const turn = [...statements.flat(), ...moves.flat(), ...count.set(add(count, -elements))];
  const loop = [...opcode.loop, ...turn, ...count.bytes, ...opcode.branchIf, opcode.end];
  return [opcode.block, count.bytes, opcode.isZero, opcode.branchIf, loop, opcode.end].flat(2);
}

/** Statements done where `condition` is not 0. */
export function when(condition: Expression<'i32'>, statements: readonly Statement[]): Statement {
  return [...condition.bytes, ...opcode.if, ...statements.flat(), opcode.end];
}

/** A block, a loop and an if yield nothing; the branch leaves the one and starts the other again, being directly inside. */
const opcode = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  isZero: 0x45,
  branchIf: [0x0d, 0],
  end: 0x0b,
} as const;

function add(left: Expression<'i32'>, right: number): Expression<'i32'> {
  return { type: 'i32', bytes: [...left.bytes, ...integer(right).bytes, 0x6a] };
}
