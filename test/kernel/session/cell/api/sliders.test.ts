import { expect } from "chai";
import fc from "fast-check";
import type { Comm, Comms, Control, SliderOptions } from "../../../../../kernel/contract/globals";
import { createWidgets } from "../../../../../kernel/session/cell/api/widgets";

interface Rail {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
}

/** A slider as ipywidgets draws it: noUiSlider puts what it is given on a step, in percents, and tells of what comes of it. */
class DrawnSlider {
  heard = 0;
  readonly control: Control<number>;
  private state!: Rail;
  private comm!: Comm;

  constructor(options: SliderOptions) {
    this.control = createWidgets(this.comms()).slider(options);
    this.control.onChange(() => this.heard++);
  }

  get stops(): number {
    return Math.floor((this.state.max - this.state.min) / this.state.step + 1e-6);
  }

  /** As it is shown, or has been given another value. */
  async settle(): Promise<void> {
    await this.put(this.state.value);
  }

  /** As somebody moves it. */
  async move(stop: number): Promise<void> {
    await this.put(this.state.min + stop * this.state.step);
  }

  async put(place: number): Promise<void> {
    const { min, max, step } = this.state;
    const [percent, steps] = [place - min, step].map((part) => (100 * part) / (max - min));
    const snapped = place >= max ? 100 : Math.round(percent / steps) * steps;
    const value = min + (Math.min(Math.max(snapped, 0), 100) * (max - min)) / 100;
    const data = { method: "update", state: { value }, buffer_paths: [] };
    await this.comm.onMessage({ data, metadata: {}, buffers: [] });
  }

  private comms(): Comms {
    return {
      register: () => undefined,
      open: (_target, data) => {
        this.comm = {
          ...{ id: "c", onMessage: () => undefined, onClose: () => undefined, close: () => undefined },
          send: (said) => this.note((said as { state?: object }).state),
        };
        this.state = (data as { state: Rail }).state;
        return this.comm;
      },
    };
  }

  private note(state: object | undefined): void {
    this.state = { ...this.state, ...state };
  }
}

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Sliders of all kinds: linear and logarithmic, of whole numbers, with a step and without, at any value and at the ends. */
const anySlider = fc
  .record({
    log: fc.boolean(),
    whole: fc.boolean(),
    ends: fc.tuple(finite(-1000, 1000), finite(-1000, 1000)).filter(([a, b]) => Math.abs(a - b) > 1e-3),
    share: fc.oneof(fc.constantFrom(0, 1, 0.5, 0.3), finite(0, 1)),
    steps: fc.option(finite(1, 300), { nil: undefined }),
  })
  .map(({ log, whole, ends, share, steps }): SliderOptions => {
    const [from, to] = [...ends].sort((a, b) => a - b).map((end) => (whole && !log ? Math.round(end) : end));
    const [min, max] = log ? [10 ** (from / 200), 10 ** (to / 200)] : [from, to === from ? from + 1 : to];
    const inside = min + share * (max - min);
    const value = Math.min(max, Math.max(min, whole && !log ? Math.round(inside) : inside));
    const length = log ? Math.log10(max / min) : max - min;
    const step = steps === undefined ? {} : { step: whole && !log ? 1 : length / steps };
    return { min, max, value, log, ...step };
  });

describe("a slider", () => {
  it("keeps its value when it is shown, and calls nobody", async () => {
    await fc.assert(
      fc.asyncProperty(anySlider, async (options) => {
        const slider = new DrawnSlider(options);
        await slider.settle();
        await slider.settle();
        expect(slider.control.value).to.equal(options.value);
        expect(slider.heard).to.equal(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps the value that a cell assigns", async () => {
    await fc.assert(
      fc.asyncProperty(anySlider, finite(0, 1), async (options, share) => {
        const slider = new DrawnSlider(options);
        const value = Math.min(options.max, options.min + share * (options.max - options.min));
        slider.control.value = value;
        await slider.settle();
        expect(slider.control.value).to.equal(value);
        expect(slider.heard).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it("takes each step that it is moved to, and tells of each once", async () => {
    await fc.assert(
      fc.asyncProperty(anySlider, finite(0, 1), async (options, share) => {
        const slider = new DrawnSlider(options);
        const stop = Math.floor(share * slider.stops);
        await slider.move(stop === 0 ? slider.stops : 0);
        const before = slider.control.value;
        slider.heard = 0;
        await slider.move(stop);
        await slider.settle();
        const { value } = slider.control;
        expect(value).to.be.within(options.min, options.max);
        expect(slider.heard).to.equal(value === before ? 0 : 1);
        if (stop > 0 && stop < slider.stops) expect(value).not.to.equal(before);
      }),
      { numRuns: 500 },
    );
  });

  it("has a step on which its value is, unless it is given one", () => {
    for (const value of [0.3, 0.1, 0.85, 0, 0.123456]) {
      const { control } = new DrawnSlider({ min: 0, max: 0.85, value });
      expect(control.value).to.equal(value);
    }
    expect(new DrawnSlider({ min: 0, max: 4, value: 1 }).stops).to.equal(100);
    expect(new DrawnSlider({ min: 0, max: 0.85, value: 0.3 }).stops).to.equal(102);
  });

  it("tells numbers as they are written", async () => {
    const slider = new DrawnSlider({ min: 0, max: 1, value: 0.5, step: 0.1 });
    const values: number[] = [];
    for (let stop = 0; stop <= 10; stop++) {
      await slider.move(stop);
      values.push(slider.control.value);
    }
    expect(values).to.deep.equal([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  it("reaches an end that is no whole number of steps away", async () => {
    const slider = new DrawnSlider({ min: 0, max: 1, value: 0.9, step: 0.3 });
    await slider.put(1);
    expect([slider.control.value, slider.heard]).to.deep.equal([1, 1]);
    await slider.put(0.9);
    expect([slider.control.value, slider.heard]).to.deep.equal([0.9, 2]);
  });
});
