import type * as TypeScript from "typescript";

/**
 * tslab is written for a fork of the compiler, which has a few functions that the compiler itself has not, or does not
 * declare. Here they are for the compiler itself.
 */

/** What is known of the place of a cursor. */
export interface Found {
  /** The name at the cursor, or just before it. */
  readonly name?: TypeScript.QuickInfo;
  /** The call whose arguments the cursor is among, if it is at no name. */
  readonly call?: TypeScript.SignatureHelpItems;
  /** How far before the cursor the arguments start. */
  readonly distance?: number;
}

/** The parts of the compiler that it does not declare. */
interface Internals {
  readonly nullTransformationContext: TypeScript.TransformationContext;
  readonly SymbolDisplay: {
    getSymbolKind(checker: Checker, symbol: TypeScript.Symbol, place: TypeScript.Node): ElementKind;
    getSymbolModifiers(checker: Checker, symbol: TypeScript.Symbol): string;
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: Checker,
      symbol: TypeScript.Symbol,
      file: TypeScript.SourceFile,
      container: TypeScript.Node | undefined,
      place: TypeScript.Node,
    ): { readonly symbolKind: ElementKind } & Pick<
      TypeScript.QuickInfo,
      "displayParts" | "documentation" | "tags"
    >;
  };
  readonly SignatureHelp: {
    getSignatureHelpItems(
      program: Pick<TypeScript.Program, "getTypeChecker">,
      file: TypeScript.SourceFile,
      position: number,
      reason: undefined,
      cancellation: TypeScript.CancellationToken,
    ): TypeScript.SignatureHelpItems | undefined;
  };
  readonly Completions: {
    getCompletionsAtPosition(
      host: object,
      program: TypeScript.Program,
      log: () => void,
      file: TypeScript.SourceFile,
      position: number,
      ...rest: unknown[]
    ): TypeScript.CompletionInfo | undefined;
  };
  getTouchingPropertyName(file: TypeScript.SourceFile, position: number): TypeScript.Node;
  getContainingObjectLiteralElement(
    node: TypeScript.Node,
  ): (TypeScript.ObjectLiteralElement & { readonly parent: TypeScript.Expression }) | undefined;
  getPropertySymbolsFromContextualType(
    element: TypeScript.ObjectLiteralElement,
    checker: Checker,
    type: TypeScript.Type,
    unionSymbolOk: boolean,
  ): readonly TypeScript.Symbol[];
  getContainerNode(node: TypeScript.Node): TypeScript.Node | undefined;
  typeToDisplayParts(
    checker: Checker,
    type: TypeScript.Type,
    place: TypeScript.Node | undefined,
  ): TypeScript.SymbolDisplayPart[];
  createTextSpanFromNode(node: TypeScript.Node, file: TypeScript.SourceFile): TypeScript.TextSpan;
  isInComment(file: TypeScript.SourceFile, position: number): boolean;
  isLabelName(node: TypeScript.Node): boolean;
}

type Checker = TypeScript.TypeChecker;
type ElementKind = TypeScript.ScriptElementKind;
type QuickInfo = TypeScript.QuickInfo;

/** `getCompletionsAtPosition` gives the symbols of its entries if it is asked for them, after this many arguments. */
const argumentsBeforeSymbols = 10;

/** What tslab's fork has, made of what `ts` has. */
export function forkOf(ts: typeof TypeScript) {
  const internals = ts as unknown as Internals;
  return {
    getNullTransformationContext: () => internals.nullTransformationContext,

    getDefaultTypeRoots: (folder: string): string[] =>
      ts.getEffectiveTypeRoots({}, { getCurrentDirectory: () => folder }) ?? [],

    /** The diagnostics of the program, once, and those of its `files`. */
    getPreEmitDiagnosticsOfFiles(program: TypeScript.Program, files: readonly TypeScript.SourceFile[]) {
      return ts.sortAndDeduplicateDiagnostics([
        ...program.getConfigFileParsingDiagnostics(),
        ...program.getOptionsDiagnostics(),
        ...program.getGlobalDiagnostics(),
        ...files.flatMap((file) => [
          ...program.getSyntacticDiagnostics(file),
          ...program.getSemanticDiagnostics(file),
          ...program.getDeclarationDiagnostics(file),
        ]),
      ]);
    },

    getQuickInfoAtPosition(
      file: TypeScript.SourceFile,
      checker: Checker,
      cancellation: TypeScript.CancellationToken,
      position: number,
    ): Found {
      const name = nameAt(ts, checker, file, position);
      if (name !== undefined) return { name };
      if (internals.isInComment(file, position)) return {};
      const program = { getTypeChecker: () => checker };
      const { SignatureHelp } = internals;
      const call = SignatureHelp.getSignatureHelpItems(program, file, position, undefined, cancellation);
      return call === undefined ? {} : { call, distance: position - call.applicableSpan.start };
    },

    Completions: {
      getCompletionsAtPositionForTslab: (
        host: object,
        program: TypeScript.Program,
        log: () => void,
        file: TypeScript.SourceFile,
        position: number,
        ...rest: unknown[]
      ): TypeScript.CompletionInfo | undefined => {
        const given = [host, program, log, file, position, ...rest] as const;
        const padding = new Array<undefined>(argumentsBeforeSymbols - given.length);
        const found = internals.Completions.getCompletionsAtPosition(...given, ...padding, true);
        const checker = program.getTypeChecker();
        return (
          found && { ...found, entries: found.entries.map((entry) => withoutAlias(ts, checker, file, entry)) }
        );
      },
    },
  };
}

/** An entry that says of something imported what it is, not that it is imported. */
function withoutAlias(
  ts: typeof TypeScript,
  checker: Checker,
  file: TypeScript.SourceFile,
  entry: TypeScript.CompletionEntry & { symbol?: TypeScript.Symbol },
): TypeScript.CompletionEntry {
  const { symbol, ...rest } = entry;
  if (rest.kind !== ts.ScriptElementKind.alias || symbol === undefined) return rest;
  const { SymbolDisplay } = ts as unknown as Internals;
  return { ...rest, kind: SymbolDisplay.getSymbolKind(checker, unaliased(ts, checker, symbol), file) };
}

function unaliased(ts: typeof TypeScript, checker: Checker, symbol: TypeScript.Symbol): TypeScript.Symbol {
  if ((symbol.flags & ts.SymbolFlags.Alias) === 0) return symbol;
  const aliased = checker.getAliasedSymbol(symbol);
  return isUnknown(checker, aliased) ? symbol : aliased;
}

function isUnknown(checker: Checker, symbol: TypeScript.Symbol): boolean {
  return (checker as unknown as { isUnknownSymbol(symbol: TypeScript.Symbol): boolean }).isUnknownSymbol(
    symbol,
  );
}

function nameAt(
  ts: typeof TypeScript,
  checker: Checker,
  file: TypeScript.SourceFile,
  position: number,
): QuickInfo | undefined {
  const internals = ts as unknown as Internals;
  const touching = internals.getTouchingPropertyName(file, position);
  if (touching === file) return undefined;
  const node = describedBy(ts, touching);
  const textSpan = internals.createTextSpanFromNode(node, file);
  const container = internals.getContainerNode(node);
  const symbol = symbolAt(ts, checker, node);
  if (symbol === undefined || isUnknown(checker, symbol)) {
    if (!hasTypeOnly(ts, node) || internals.isInComment(file, position)) return undefined;
    const type = checker.getTypeAtLocation(node);
    // Whatever is not known is of this type, which says nothing.
    if ((type.flags & ts.TypeFlags.Any) !== 0) return undefined;
    return {
      kind: ts.ScriptElementKind.unknown,
      kindModifiers: "",
      textSpan,
      displayParts: internals.typeToDisplayParts(checker, type, container),
      documentation: type.symbol?.getDocumentationComment(checker),
      tags: type.symbol?.getJsDocTags(checker),
    };
  }
  const { SymbolDisplay } = internals;
  const described = unaliased(ts, checker, symbol);
  const { symbolKind, ...description } = SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
    checker,
    described,
    file,
    container,
    node,
  );
  if (described.declarations?.some(ts.isSourceFile) === true) {
    // A module is known by the name that it has here, not by that of its file.
    description.displayParts = [{ kind: "text", text: `namespace ${symbol.name}` }];
  }
  const kindModifiers = SymbolDisplay.getSymbolModifiers(checker, symbol);
  return { kind: symbolKind, kindModifiers, textSpan, ...description };
}

/** What a cursor on `node` is meant to be on. */
function describedBy(ts: typeof TypeScript, node: TypeScript.Node): TypeScript.Node {
  const { parent } = node;
  if (ts.isNewExpression(parent) && node.pos === parent.pos) return parent.expression;
  if (ts.isNamedTupleMember(parent) && node.pos === parent.pos) return parent;
  return ts.isMetaProperty(parent) && parent.name === node ? parent : node;
}

function symbolAt(
  ts: typeof TypeScript,
  checker: Checker,
  node: TypeScript.Node,
): TypeScript.Symbol | undefined {
  const internals = ts as unknown as Internals;
  const element = internals.getContainingObjectLiteralElement(node);
  const expected = element && checker.getContextualType(element.parent);
  if (expected !== undefined) {
    const properties = internals.getPropertySymbolsFromContextualType(element!, checker, expected, false);
    if (properties.length === 1) return properties[0];
  }
  return checker.getSymbolAtLocation(node);
}

function hasTypeOnly(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  if (ts.isIdentifier(node)) {
    const isConst = ts.isTypeReferenceNode(node.parent) && node.text === "const";
    return !isConst && !(ts as unknown as Internals).isLabelName(node);
  }
  const { ThisKeyword, ThisType, SuperKeyword, NamedTupleMember, MetaProperty } = ts.SyntaxKind;
  const kinds: TypeScript.SyntaxKind[] = [
    ThisKeyword,
    ThisType,
    SuperKeyword,
    NamedTupleMember,
    MetaProperty,
  ];
  return ts.isPropertyAccessExpression(node) || ts.isQualifiedName(node) || kinds.includes(node.kind);
}
