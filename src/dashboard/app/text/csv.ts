/** A cell that a spreadsheet shows and does not run. */
function cell(value: unknown): string {
    const text = value === null || value === undefined ? '' : String(value);
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf(head: string[], rows: unknown[][]): string {
    return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Hands the browser a file of what is on the screen. */
export function saveCsv(name: string, head: string[], rows: unknown[][]): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff', csvOf(head, rows)], { type: 'text/csv' }));
    link.download = `${name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
}
