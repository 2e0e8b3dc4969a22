// @vitest-environment jsdom
// The list one filters by typing and chooses from by Enter.
import { mount } from '@vue/test-utils';
import { expect, test } from 'vitest';

import ChoiceList from '../app/components/ChoiceList.vue';

const choices = [{ id: '1', words: 'Saluto' }, { id: '2', words: 'Guasto noto' }];

test('Enter before the list has come chooses what was typed once it is there', async () => {
    const list = mount(ChoiceList, { props: { choices: [], label: 'Cerca', loading: true } });
    const field = list.get('[data-testid=choice-filter]');
    expect(list.text()).toBe('Si carica…');
    await field.setValue('guasto');
    await field.trigger('keydown', { key: 'Enter' });
    expect(list.emitted('choose')).toBeUndefined();
    await list.setProps({ choices, loading: false });
    expect(list.emitted('choose')).toEqual([['2']]);
    await list.setProps({ loading: true });
    await list.setProps({ loading: false });
    expect(list.emitted('choose'), 'once').toHaveLength(1);
});

test('who types on after Enter chooses anew, and nothing is chosen from a list that has nothing like it', async () => {
    const list = mount(ChoiceList, { props: { choices, label: 'Cerca', loading: true } });
    const field = list.get('[data-testid=choice-filter]');
    await field.trigger('keydown', { key: 'Enter' });
    await field.setValue('gua');
    await list.setProps({ loading: false });
    expect(list.emitted('choose')).toBeUndefined();
    await field.setValue('trasloco');
    await field.trigger('keydown', { key: 'Enter' });
    expect(list.emitted('choose')).toBeUndefined();
    expect(list.text()).toBe('Niente da mostrare.');
});
