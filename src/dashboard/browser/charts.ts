import { BarChart, GaugeChart, LineChart, TreemapChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { LabelLayout } from 'echarts/features';
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { colours, type Colour } from './colours.ts';
import { h } from './dom.ts';

export type { Colour } from './colours.ts';

use([
  BarChart,
  GaugeChart,
  LineChart,
  TreemapChart,
  AriaComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  LabelLayout,
  SVGRenderer,
]);

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif';

/** One chart. The sentence and the table beside it give its figures to the cent. */
export interface Chart {
  readonly heightPixels: number;
  /** Whether half the width of a printed page is enough. */
  readonly narrow?: true;
  readonly option: EChartsCoreOption;
  /** Called with the index of the mark that was clicked. */
  readonly onOpen?: (place: number) => void;
}

interface Mounted {
  readonly chart: ECharts;
  readonly box: HTMLElement;
}

let waiting: { readonly box: HTMLElement; readonly chart: Chart }[] = [];
let mounted: Mounted[] = [];

/** The element of a chart. `drawCharts` draws it once it is in the page and has a width. */
export function chartElement(chart: Chart, words: string): HTMLElement {
  const classes = ['chart', chart.onOpen === undefined ? '' : 'opens', chart.narrow ? 'narrow' : ''];
  const box = h('div', { class: classes.join(' ').trim(), role: 'img', 'aria-label': words });
  box.style.height = `${String(chart.heightPixels)}px`;
  waiting.push({ box, chart });
  return box;
}

/** Forgets the charts of the previous view. */
export function clearCharts(): void {
  for (const { chart } of mounted) chart.dispose();
  mounted = [];
  waiting = [];
}

export function drawCharts(): void {
  for (const { box, chart } of waiting) {
    const drawn = init(box, undefined, { renderer: 'svg', height: chart.heightPixels });
    drawn.setOption({ ...common(), ...chart.option });
    const { onOpen } = chart;
    if (onOpen !== undefined) {
      drawn.on('click', ({ dataIndex }: { dataIndex?: unknown }) => {
        if (typeof dataIndex === 'number') onOpen(dataIndex);
      });
    }
    mounted.push({ chart: drawn, box });
    makeScalable(box);
  }
  waiting = [];
}

/** Call when the window's width has changed. */
export function resizeCharts(): void {
  for (const { chart, box } of mounted) {
    chart.resize();
    makeScalable(box);
  }
}

/** With a viewBox, the chart scales to the width of the paper. */
function makeScalable(box: HTMLElement): void {
  const picture = box.querySelector('svg');
  const [width, height] = ['width', 'height'].map((side) => picture?.getAttribute(side) ?? '0');
  picture?.setAttribute('viewBox', `0 0 ${width!} ${height!}`);
}

function common(): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: font, color: colours().ink },
    // The text beside the chart describes it.
    aria: { enabled: true, label: { enabled: false } },
  };
}

/** Tells marks apart without colour. */
const patterns = { enabled: true, label: { enabled: false }, decal: { show: true } };

/** HTML tooltips would need inline styles, which the page's policy forbids. */
const tooltip = { renderMode: 'richText', confine: true, textStyle: { fontSize: 13 } } as const;

export interface Mark {
  readonly label: string;
  /** Decides the length only; `text` is what is written. */
  readonly value: number | null;
  /** The figure in words, written at the mark. */
  readonly text: string;
}

/** Longer pictures are unreadable; the table beside has everyone. */
export const mostBars = 20;

/** On a narrow screen, bars need the space more than names do. */
function mostNamePixels(): number {
  return Math.min(190, Math.round(innerWidth * 0.28));
}

/** Bars from zero, those of figures below it to the left; the first mark on top. */
export function barChart(marks: readonly Mark[], colour: Colour, onOpen?: (place: number) => void): Chart {
  const shown = marks.slice(0, mostBars);
  return {
    heightPixels: 28 + Math.max(shown.length, 1) * 30,
    ...(onOpen === undefined ? {} : { onOpen }),
    option: {
      grid: { left: 8, right: 92, top: 4, bottom: 4, containLabel: true },
      tooltip: {
        ...tooltip,
        formatter: ({ dataIndex }: { dataIndex: number }) => markText(shown[dataIndex]),
      },
      xAxis: { type: 'value', ...withZero, axisLabel: { show: false }, splitLine: { show: false } },
      yAxis: {
        type: 'category',
        inverse: true,
        data: shown.map(({ label }) => label),
        axisTick: { show: false },
        // The line stands at zero, the names at the left edge.
        axisLine: { onZero: true, lineStyle: { color: colours().quiet } },
        axisLabel: { color: colours().ink, fontSize: 13, width: mostNamePixels(), overflow: 'truncate' },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 18,
          itemStyle: { color: colours()[colour] },
          data: shown.map(({ value }) => value ?? 0),
          label: {
            show: true,
            // A bar to the left has its label just right of zero, where no name stands in the way.
            position: 'right',
            color: colours().ink,
            fontSize: 13,
            formatter: ({ dataIndex }: { dataIndex: number }) => shown[dataIndex]?.text ?? '',
          },
        },
      ],
    },
  };
}

interface Extent {
  readonly min: number;
  readonly max: number;
}

/** An axis that has zero on it, wherever the figures lie. */
const withZero = {
  // Where all is above zero, the axis ends at a round figure of its own choice.
  min: ({ min }: Extent) => (min < 0 ? undefined : 0),
  max: ({ max }: Extent) => (max > 0 ? undefined : 0),
};

function markText(mark: Mark | undefined): string {
  return mark === undefined ? '' : `${mark.label}: ${mark.text}`;
}

/**
 * Half a ring from 0 to 100%. Below 0 it is empty and above 100 full: then it says so, and the number says how far.
 */
export function gaugeChart(percent: number | null, text: string, colour: Colour): Chart {
  const beyond = percent === null ? '' : percent < 0 ? 'below 0%' : percent > 100 ? 'above 100%' : '';
  return {
    heightPixels: 190,
    narrow: true,
    option: {
      series: [
        {
          type: 'gauge',
          startAngle: 200,
          endAngle: -20,
          min: 0,
          max: 100,
          radius: '100%',
          center: ['50%', '62%'],
          progress: { show: true, width: 20, itemStyle: { color: colours()[colour] } },
          pointer: { show: false },
          axisLine: { lineStyle: { width: 20, color: [[1, colours().track]] } },
          axisTick: { show: false },
          splitLine: { show: false },
          axisLabel: { show: false },
          anchor: { show: false },
          detail: {
            valueAnimation: false,
            offsetCenter: [0, '-4%'],
            fontSize: 26,
            fontWeight: 600,
            color: colours().ink,
            formatter: () => (beyond === '' ? text : `${text}\n{beyond|${beyond}}`),
            rich: { beyond: { fontSize: 13, fontWeight: 400, lineHeight: 22, color: colours().quiet } },
          },
          data: [{ value: Math.min(Math.max(percent ?? 0, 0), 100) }],
        },
      ],
    },
  };
}

interface MonthSeries {
  readonly name: string;
  readonly colour: Colour;
  /** Null where nothing is loaded. */
  readonly values: readonly (number | null)[];
  readonly texts: readonly string[];
}

interface MonthChart {
  readonly labels: readonly string[];
  readonly series: readonly MonthSeries[];
  /** A straight line over the marks, null outside of it. */
  readonly trend?: readonly (number | null)[];
  readonly kind: 'bars' | 'stacked' | 'line';
}

const seriesPatterns = [
  { symbol: 'none' },
  {
    symbol: 'rect',
    dashArrayX: [1, 0],
    dashArrayY: [3, 4],
    rotation: -Math.PI / 4,
    color: 'rgba(255,255,255,0.45)',
  },
  {
    symbol: 'circle',
    symbolSize: 0.6,
    dashArrayX: [[7, 7]],
    dashArrayY: [7],
    color: 'rgba(255,255,255,0.55)',
  },
];

/** What a figure was in each month. */
export function monthChart({ labels, series, trend, kind }: MonthChart): Chart {
  const shownText = ({ seriesIndex, dataIndex }: { seriesIndex: number; dataIndex: number }) => {
    const one = series[seriesIndex];
    return one === undefined ? 'Trend' : `${labels[dataIndex]!}, ${one.name}: ${one.texts[dataIndex]!}`;
  };
  return {
    heightPixels: 260,
    option: {
      ...(kind === 'stacked' ? { aria: patterns } : {}),
      grid: {
        left: 8,
        right: 16,
        top: series.length > 1 || trend !== undefined ? 36 : 24,
        bottom: 4,
        containLabel: true,
      },
      tooltip: { ...tooltip, formatter: shownText },
      ...(series.length > 1 || trend !== undefined
        ? { legend: { top: 0, left: 0, textStyle: { color: colours().ink, fontSize: 13 } } }
        : {}),
      xAxis: {
        type: 'category',
        data: labels,
        axisTick: { show: false },
        axisLine: { onZero: true, lineStyle: { color: colours().quiet } },
        axisLabel: { color: colours().ink, fontSize: 12, hideOverlap: true },
      },
      yAxis: {
        type: 'value',
        ...withZero,
        // With many months, the figure of the first one reaches beyond the axis.
        axisLabel: { color: colours().quiet, fontSize: 12, margin: labels.length > 12 ? 22 : 8 },
        splitLine: { lineStyle: { color: colours().line } },
      },
      series: [
        ...series.map((one, place) => ({
          type: kind === 'line' ? 'line' : 'bar',
          name: one.name,
          ...(kind === 'stacked' ? { stack: 'all' } : {}),
          barMaxWidth: 36,
          symbolSize: 9,
          lineStyle: { width: 3, color: colours()[one.colour] },
          itemStyle: {
            color: colours()[one.colour],
            ...(kind === 'stacked' ? { decal: seriesPatterns[place] } : {}),
          },
          label:
            kind === 'stacked'
              ? { show: false }
              : {
                  show: true,
                  position: 'top',
                  color: colours().ink,
                  // The line of zero may run behind it.
                  backgroundColor: colours().ground,
                  fontSize: 12,
                  minMargin: 6,
                  formatter: ({ dataIndex }: { dataIndex: number }) => one.texts[dataIndex] ?? '',
                },
          labelLayout: { hideOverlap: true },
          data: one.values,
        })),
        ...(trend === undefined
          ? []
          : [
              {
                type: 'line',
                name: 'Trend',
                symbol: 'none',
                lineStyle: { type: 'dashed', width: 2, color: colours().ink },
                itemStyle: { color: colours().ink },
                data: trend,
              },
            ]),
      ],
    },
  };
}

/** Who has most of something, by area. */
export function treemapChart(marks: readonly Mark[], colour: Colour, onOpen: (place: number) => void): Chart {
  const shown = marks.slice(0, mostBars);
  return {
    heightPixels: 280,
    // The treemap's own root is at 0.
    onOpen: (place) => {
      if (place >= 1) onOpen(place - 1);
    },
    option: {
      tooltip: {
        ...tooltip,
        formatter: ({ name, value }: { name: string; value: number }) => `${name}: ${String(value)}`,
      },
      series: [
        {
          type: 'treemap',
          roam: false,
          nodeClick: false,
          breadcrumb: { show: false },
          left: 0,
          right: 0,
          top: 0,
          bottom: 0,
          itemStyle: {
            color: colours()[colour],
            borderColor: colours().ground,
            borderWidth: 2,
            gapWidth: 2,
          },
          levels: [{ colorMappingBy: 'id', color: [colours()[colour]] }],
          label: { color: colours().ground, fontSize: 13, lineHeight: 17, formatter: '{b}\n{c}' },
          data: shown.map(({ label, value }) => ({ name: label, value: value ?? 0 })),
        },
      ],
    },
  };
}
