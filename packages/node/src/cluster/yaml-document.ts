import { InvalidInputError } from '@tandem/core';
import { Composer, type CST, type Document, isNode, LineCounter, type Node, Parser } from 'yaml';

/** A parsed YAML or JSON text and where its values stand in it. */
export interface YamlDocument {
  readonly value: unknown;
  /** 'FILE:LINE' of the value at `path`, or of the nearest one around it that exists. */
  readonly where: (path: readonly (string | number)[]) => string;
}

const depthLimit = 32;
/** Uses of an anchor, those through other anchors included. */
const aliasLimit = 100;

/**
 * Parses one YAML 1.2 document, of which JSON is a subset. `name` stands in messages. Throws InvalidInputError, with file and line, on a
 * syntax error, a duplicate key, a second document, nesting deeper than 32, and aliases that unfold more than 100 times.
 */
export function readYaml(text: string, name: string): YamlDocument {
  const lines = new LineCounter();
  const lineAt = (offset: number): string => `${name}:${lines.linePos(offset).line}`;
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  checkNesting(tokens, lineAt);
  const document = composeOne(tokens, name, lineAt);
  return {
    value: plainValue(document, name),
    where: (path) => lineAt(offsetOf(document, path)),
  };
}

/** Composing recurses, so the depth is bounded on the flat parser's tokens, which do not. */
function checkNesting(tokens: readonly CST.Token[], lineAt: (offset: number) => string): void {
  const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { token, depth } = entry;
    if (depth > depthLimit) {
      throw new InvalidInputError(
        `${lineAt(token.offset)}: values are nested deeper than ${depthLimit}.`,
        'Write flat lists of hosts, devices and links.',
      );
    }
    stack.push(...childrenOf(token).map((child) => ({ token: child, depth: depth + 1 })));
  }
}

function childrenOf(token: CST.Token): CST.Token[] {
  if ('items' in token) return token.items.flatMap(({ key, value }) => [key, value]).filter(isToken);
  return token.type === 'document' && token.value !== undefined ? [token.value] : [];
}

function isToken(token: CST.Token | null | undefined): token is CST.Token {
  return token !== null && token !== undefined;
}

function composeOne(
  tokens: readonly CST.Token[],
  name: string,
  lineAt: (offset: number) => string,
): Document {
  const [document, second] = new Composer({ uniqueKeys: true, stringKeys: true }).compose(tokens);
  if (document === undefined) throw syntaxFault(name, 'there is nothing in it');
  if (second !== undefined) throw syntaxFault(lineAt(second.range[0]), 'a second document begins here');
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw syntaxFault(lineAt(fault.pos[0]), fault.message);
  return document;
}

function syntaxFault(where: string, message: string): InvalidInputError {
  return new InvalidInputError(`${where}: ${message.split('\n')[0]}.`, 'Correct the YAML or JSON there.');
}

function plainValue(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasLimit });
  } catch (cause) {
    throw new InvalidInputError(
      `${name}: its aliases cannot be followed: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Write the values out instead of repeating them by alias.',
      { cause },
    );
  }
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const found: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(found) && hasRange(found)) return found.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function hasRange(node: Node): node is Node & { range: [number, number, number] } {
  return node.range !== null && node.range !== undefined;
}
