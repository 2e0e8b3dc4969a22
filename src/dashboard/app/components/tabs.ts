import { nextTick, onMounted, watch } from 'vue';

/** Keeps the tab that one is on in sight, where there are more than the screen is wide. */
export function useTabInSight(current: () => string): void {
    const show = async (): Promise<void> => {
        await nextTick();
        // Not everything that runs us lays pages out.
        document.querySelector('main .tab[aria-current]')?.scrollIntoView?.({ block: 'nearest', inline: 'center' });
    };
    onMounted(show);
    watch(current, show);
}
