// What the build puts in the place of the icon library's own component: that one works out colours, contexts and strokes which
// nobody here sets, anew for each of the dozens of icons of a page. The drawings are the library's.
import { h, type FunctionalComponent } from 'vue';

interface Drawing {
    name: string;
    node: [tag: string, attributes: Record<string, string>][];
}

const still = {
    xmlns: 'http://www.w3.org/2000/svg', viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': 2,
    'stroke-linecap': 'round', 'stroke-linejoin': 'round',
};

export default function icon({ node }: Drawing): FunctionalComponent<{ size?: number }> {
    const Icon: FunctionalComponent<{ size?: number }> = ({ size = 24 }) =>
        h('svg', { ...still, width: size, height: size }, node.map(([tag, attributes]) => h(tag, attributes)));
    Icon.props = ['size'];
    return Icon;
}
