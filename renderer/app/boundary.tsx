import { Component, type ReactNode } from 'react';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button/button.tsx';
import { Empty } from '../ui/page/page.tsx';

/** A page's defect stays on that page: the sidebar, prompts and the connection go on. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const again = (
      <Button
        onClick={() => {
          this.setState({ broken: false });
        }}
      >
        {strings.crashed.again}
      </Button>
    );
    return (
      <Empty title={strings.crashed.title} actions={again}>
        {strings.crashed.text}
      </Empty>
    );
  }
}
