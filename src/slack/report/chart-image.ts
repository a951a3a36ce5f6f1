import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { FindingChart } from '../../report/finding.ts';

use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const size = { width: 800, height: 420 } as const;
/** Our own font, so that a slim container draws the same as a desk does. */
const fontFamily = 'DejaVu Sans';
const fontFile = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));

/** A chart as PNG, for where Slack's own block is refused. */
export function drawChart({ kind, title, unit, series, points }: FindingChart): Buffer {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily },
      title: { text: title, left: 16, top: 12, textStyle: { fontFamily, fontSize: 18 } },
      ...(series.length > 1 ? { legend: { data: [...series], bottom: 8, textStyle: { fontFamily } } } : {}),
      grid: { left: 72, right: 32, top: 72, bottom: series.length > 1 ? 64 : 40 },
      xAxis: { type: 'category', data: points.map(({ label }) => label) },
      yAxis: { type: 'value', name: unit },
      series: series.map((name, index) => ({
        name,
        type: kind,
        showSymbol: false,
        data: points.map(({ values }) => values[index] as number),
      })),
    });
    const font = { fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: fontFamily };
    return new Resvg(chart.renderToSVGString(), { font }).render().asPng();
  } finally {
    chart.dispose();
  }
}
