/**
 * Which element of the page shows which row. A row that stays in sight keeps its element, and with it the focus and the
 * pointer; one that comes takes over the element of one that went, which costs less than a new one.
 *
 * Answers the seats of `ids` in their order. Without `reuse` those that come get elements of their own: taken-over ones may
 * have to move on the page, and in doing so the browser could take the focus from the one that stays.
 */
export function seating(): (ids: readonly number[], reuse: boolean) => number[] {
    let taken = new Map<number, number>();
    let next = 0;
    return (ids, reuse) => {
        const staying = new Set(ids);
        const free = reuse ? [...taken].flatMap(([id, seat]) => (staying.has(id) ? [] : seat)) : [];
        const seats = ids.map((id) => taken.get(id) ?? free.shift() ?? next++);
        taken = new Map(ids.map((id, at) => [id, seats[at] as number]));
        return seats;
    };
}
