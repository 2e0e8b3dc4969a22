// @vitest-environment jsdom
import { mount } from '@vue/test-utils';
import { expect, test } from 'vitest';

import ModalDialog from '../app/components/ModalDialog.vue';

HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
};
HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
    this.dispatchEvent(new Event('close'));
};

const opened = () => mount(ModalDialog, { props: { title: 'Allegati' }, slots: { default: '<input type="file" />' } });

test('Escape closes at once', () => {
    const modal = opened();
    modal.get('dialog').element.dispatchEvent(new Event('cancel', { cancelable: true }));
    expect(modal.emitted('close')).toHaveLength(1);
});

test('a file chooser that is left without a file does not close the dialog around it', () => {
    const modal = opened();
    modal.get('input').element.dispatchEvent(new Event('cancel', { bubbles: true }));
    expect(modal.emitted('close')).toBeUndefined();
});

test('its own closing on the way out is not told again', () => {
    const modal = opened();
    const { element } = modal.get('dialog');
    modal.unmount();
    expect([element.open, modal.emitted('close')]).toEqual([false, undefined]);
});
