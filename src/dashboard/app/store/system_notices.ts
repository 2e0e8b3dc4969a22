import { ref } from 'vue';

const storageKey = 'sportello.system';

const permitted = (): NotificationPermission => (typeof Notification === 'undefined' ? 'denied' : Notification.permission);

/** What the browser says of notifications by this site; where it has none of its own they are denied too. */
export const systemPermission = ref(permitted());
/** Whether who works in another window is called from here: off until the agent wants it. */
export const systemOn = ref(localStorage.getItem(storageKey) === 'on' && systemPermission.value === 'granted');

/** Asks the browser's permission when it is wanted for the first time: before that nobody is asked anything. */
export async function chooseSystem(on: boolean): Promise<void> {
    if (on && typeof Notification !== 'undefined' && permitted() === 'default') await Notification.requestPermission();
    systemPermission.value = permitted();
    systemOn.value = on && systemPermission.value === 'granted';
    localStorage.setItem(storageKey, systemOn.value ? 'on' : 'off');
}
