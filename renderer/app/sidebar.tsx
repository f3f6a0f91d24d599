import { expiring } from '../../main/contracts/certificate-expiry.ts';
import { goTo } from '../store/navigation.ts';
import { useSlice } from '../store/state.ts';
import { strings } from '../strings/index.ts';
import styles from './app.module.css';
import icon from '../../assets/icon.svg';
import { pages } from './pages.ts';

export function Sidebar({ current }: { readonly current: string }) {
  const { entries, at } = useSlice('certificates');
  const toRenew = expiring(entries, at).length;
  const connected = useSlice('connection').at === 'connected';
  return (
    <nav className={styles.sidebar} aria-label={strings.pages.navigation}>
      <div className={styles.brand}>
        <img src={icon} alt="" />
        {strings.product}
      </div>
      <ul className={styles.entries}>
        {pages.map(({ id, title, icon: Icon }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.entry}
              aria-current={id === current ? 'page' : undefined}
              onClick={() => {
                goTo(id);
              }}
            >
              <Icon aria-hidden />
              {title}
              {id === 'connect' && connected && <span className={styles.light} aria-hidden />}
              {id === 'certificates' && toRenew > 0 && (
                <span className={styles.count} title={strings.certificates.badge(toRenew)}>
                  <span aria-hidden>{toRenew}</span>
                  <span className="heard">{strings.certificates.badge(toRenew)}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
