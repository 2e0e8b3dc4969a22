import type UPlot from 'uplot';

let asked: Promise<typeof UPlot> | undefined;

/** The library that draws, once for all plots of a page. */
export function loadPlots(): Promise<typeof UPlot> {
    return (asked ??= import('uplot').then((module) => module.default));
}
