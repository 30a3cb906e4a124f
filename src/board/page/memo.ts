// Draws a part of the page again only when what it is given has changed: 5,000 tests are not drawn anew for one of them.
import { type Attributes, Component, type ComponentChild, type FunctionComponent, h } from 'preact';

export function memo<Props extends object>(draw: FunctionComponent<Props>): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => !Object.is(before[name], value));
    }
    override render(props: Props): ComponentChild {
      return h(draw, props as Props & Attributes);
    }
  }
  return Memo as unknown as FunctionComponent<Props>;
}
