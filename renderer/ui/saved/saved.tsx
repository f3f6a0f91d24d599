import { strings } from '../../strings/index.ts';

/** Where the file is that was saved last; nothing where there is none. */
export function Saved({ path }: { readonly path: string | undefined }) {
  return (
    <p role="status" className="selectable">
      {path === undefined ? '' : strings.saved(path)}
    </p>
  );
}
