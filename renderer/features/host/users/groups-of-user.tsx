import { strings } from '../../../strings/index.ts';
import styles from '../host.module.css';

const text = strings.host.users;

interface GroupsOfUserProps {
  readonly known: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** A group that the user is in and that is not there (any more) can be left, and is shown until then. */
export function GroupsOfUser({ known, chosen, onChange }: GroupsOfUserProps) {
  const all = [...new Set([...known, ...chosen])];
  return (
    <fieldset className={styles.group}>
      <legend>{text.groups}</legend>
      {all.length === 0 && <p className="muted">{text.noGroups}</p>}
      {all.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={(event) => {
              onChange(event.target.checked ? [...chosen, name] : chosen.filter((each) => each !== name));
            }}
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
