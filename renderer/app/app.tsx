import { Suspense } from 'react';
import { ImportDialog } from '../features/importing/import-dialog.tsx';
import { PromptDialog } from '../features/prompts/prompt-dialog.tsx';
import { useNavigation } from '../store/navigation.ts';
import { useMirror } from '../store/state.ts';
import { Boundary } from './boundary.tsx';
import styles from './app.module.css';
import { pages } from './pages.ts';
import { Sidebar } from './sidebar.tsx';
import { useTheme } from './theme.ts';

export function App() {
  // Until the first push there is nothing to show, and it takes a few milliseconds only.
  const ready = useMirror((state) => state.log !== undefined);
  return ready ? <Shell /> : null;
}

function Shell() {
  useTheme();
  const id = useNavigation((state) => state.page);
  const page = pages.find((each) => each.id === id) ?? pages[0];
  const Content = page.component;
  return (
    <div className={styles.shell}>
      <Sidebar current={page.id} />
      <main className={styles.main} key={page.id}>
        <Boundary>
          <Suspense fallback={null}>
            <Content />
          </Suspense>
        </Boundary>
      </main>
      <ImportDialog />
      <PromptDialog />
    </div>
  );
}
