import { checkOptions, describe, refuse } from "../../../../lib/util/errors";
import { displayKey } from "../../../../lib/util/frontend";
import type { MimeBundle } from "../../../../lib/util/frontend";
import type {
  Button,
  CheckboxOptions,
  Comms,
  Control,
  SelectOptions,
  SliderOptions,
  Widgets,
} from "../../../contract/globals";
import { mayStandAt, nearestStop, stepFor } from "./sliderSteps";
import { WidgetFrontEnd, WidgetModel, controlKind } from "./widgetModel";
import type { State } from "./widgetModel";

/** How the value of a control and the state of its model become each other. */
interface Translation<T> {
  /** Nothing, if the state does not tell, or tells of `current` as well as its front end can. */
  read(state: State, current: T): T | undefined;
  /** Refuses what is no value of the control. */
  write(value: T): State;
  text(value: T): string;
}

class ModelControl<T> implements Control<T> {
  private readonly model: WidgetModel;
  private readonly translation: Translation<T>;
  private readonly listeners: ((value: T) => unknown)[] = [];
  private current: T;

  constructor(frontEnd: WidgetFrontEnd, kind: string, options: State, value: T, translation: Translation<T>) {
    this.translation = translation;
    this.current = value;
    this.model = new WidgetModel(frontEnd, controlKind(kind), { ...options, ...translation.write(value) });
    this.model.onUpdate = (state) => this.changed(state);
  }

  get value(): T {
    return this.current;
  }

  set value(value: T) {
    this.model.set(this.translation.write(value));
    this.current = value;
  }

  onChange(listener: (value: T) => unknown): this {
    this.listeners.push(listener);
    return this;
  }

  [displayKey](): MimeBundle {
    return this.model.bundle(this.translation.text(this.current));
  }

  private async changed(state: State): Promise<void> {
    const value = this.translation.read(state, this.current);
    if (value === undefined || value === this.current) return;
    this.value = value;
    for (const listener of this.listeners) await listener(value);
  }
}

class ModelButton implements Button {
  private readonly model: WidgetModel;
  private readonly label: string;

  constructor(frontEnd: WidgetFrontEnd, label: string) {
    this.label = label;
    this.model = new WidgetModel(frontEnd, controlKind("Button"), { description: label });
  }

  onClick(listener: () => unknown): this {
    const before = this.model.onCustom;
    this.model.onCustom = async (content) => {
      await before(content);
      if (content["event"] === "click") await listener();
    };
    return this;
  }

  [displayKey](): MimeBundle {
    return this.model.bundle(`[${this.label}]`);
  }
}

/** The controls that cells know as `widgets`. */
export function createWidgets(comms: Comms): Widgets {
  const frontEnd = new WidgetFrontEnd(comms);
  return {
    slider: (options) => slider(frontEnd, options),
    button: (label) => {
      if (typeof label !== "string")
        refuse("widgets.button", `label must be a string, got ${describe(label)}`);
      return new ModelButton(frontEnd, label);
    },
    checkbox: (options = {}) => checkbox(frontEnd, options),
    select: (options) => select(frontEnd, options),
  };
}

function slider(frontEnd: WidgetFrontEnd, options: SliderOptions): Control<number> {
  const known = ["label", "min", "max", "value", "step", "log", "continuous"];
  checkOptions("widgets.slider", options, known);
  const { label = "", min, max, value = min, log = false, continuous = true } = options;
  checkRange(options, value);
  const place = log ? Math.log10 : (x: number) => x;
  const at = log ? (x: number) => Number((10 ** x).toPrecision(6)) : (x: number) => x;
  const ends = { min: place(min), max: place(max) };
  const { step = stepFor(ends, place(value)) } = options;
  const rail = { ...ends, step };
  const text = (x: number) => `${label === "" ? "" : `${label} = `}${Number(x.toPrecision(6))}`;
  const fixed = { ...rail, continuous_update: continuous };
  // The front end reads out where the slider stands, which is not the value of a logarithmic one.
  // A front end puts a value that lies between two steps on one of them, and tells of that as of a change: where it has.
  let standing: number | undefined;
  const shown = log ? { readout: false } : { readout_format: ".4~g", description: label };
  return new ModelControl(frontEnd, "FloatSlider", { ...fixed, ...shown }, value, {
    read: ({ value: front }, current) => {
      if (typeof front !== "number") return undefined;
      const stop = nearestStop(rail, front);
      const isPut = standing === undefined && mayStandAt(rail, stop, place(current));
      if (!isPut && stop !== standing) return clamp(at(stop), min, max);
      standing = stop;
      return undefined;
    },
    write: (x) => {
      checkRange(options, x);
      standing = undefined;
      return { value: place(x), ...(log ? { description: text(x) } : {}) };
    },
    text,
  });
}

function checkRange({ min, max, step = 1, log = false }: SliderOptions, value: number): void {
  const isRange = Number.isFinite(min) && Number.isFinite(max) && min < max;
  if (!isRange) refuse("widgets.slider", `min must be below max, got ${describe(min)} and ${describe(max)}`);
  if (!(step > 0)) refuse("widgets.slider", `step must be positive, got ${describe(step)}`);
  if (log && min <= 0) refuse("widgets.slider", `min of a logarithmic slider must be positive, got ${min}`);
  if (!(value >= min && value <= max))
    refuse("widgets.slider", `value must be from ${min} to ${max}, got ${describe(value)}`);
}

function clamp(x: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, x));
}

function checkbox(frontEnd: WidgetFrontEnd, options: CheckboxOptions): Control<boolean> {
  checkOptions("widgets.checkbox", options, ["label", "value"]);
  const { label = "", value = false } = options;
  return new ModelControl(frontEnd, "Checkbox", { description: label }, value, {
    read: ({ value: front }) => (typeof front === "boolean" ? front : undefined),
    write: (checked) => {
      if (typeof checked !== "boolean")
        refuse("widgets.checkbox", `value must be a boolean, got ${describe(checked)}`);
      return { value: checked };
    },
    text: (checked) => `[${checked ? "x" : " "}] ${label}`,
  });
}

function select<T extends string | number>(frontEnd: WidgetFrontEnd, options: SelectOptions<T>): Control<T> {
  checkOptions("widgets.select", options, ["label", "options", "value"]);
  const { label = "", options: choices, value = choices?.[0] } = options;
  const isList = (choices as unknown) instanceof Array && choices.length > 0;
  if (!isList) refuse("widgets.select", `options must be an array of choices, got ${describe(choices)}`);
  const labels = choices.map(String);
  return new ModelControl(frontEnd, "Dropdown", { description: label, _options_labels: labels }, value, {
    read: ({ index, value: chosen }) => {
      // Version 6 of ipywidgets tells the label, later ones the index.
      return choices[typeof index === "number" ? index : labels.indexOf(String(chosen))];
    },
    write: (choice) => {
      const index = choices.indexOf(choice);
      if (index === -1)
        refuse("widgets.select", `value must be one of ${labels.join(", ")}, got ${describe(choice)}`);
      return { index, value: labels[index] };
    },
    text: (choice) => `${label === "" ? "" : `${label} = `}${choice}`,
  });
}
