import { defineAsyncComponent, type AsyncComponentLoader, type Component } from 'vue';

import { useTexts, type Section } from './i18n';

/** A page or part that comes when it is needed, and with it the texts that only it uses. */
export function withTexts<Loaded>(sections: Section | Section[], load: () => Promise<Loaded>): () => Promise<Loaded> {
    return async () => (await Promise.all([load(), useTexts(...[sections].flat())]))[0];
}

export function lazyPart(sections: Section | Section[], load: AsyncComponentLoader<Component>): Component {
    return defineAsyncComponent(withTexts(sections, load));
}
