import type { ReactNode } from 'react';
import styles from './table.module.css';

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly { readonly title: string; readonly cell: (row: Row) => ReactNode }[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  /** Buttons at the end of a row. */
  readonly actions?: (row: Row) => ReactNode;
}

/** Rows with the same columns. Where it is narrow, each row is a block, and each cell says which column it is. */
export function Table<Row>({ label, columns, rows, keyOf, actions }: TableProps<Row>) {
  return (
    // As blocks, rows and cells would lose what they are: so it is said.
    <table className={styles.table} aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title }) => (
            <th key={title} scope="col" role="columnheader">
              {title}
            </th>
          ))}
          {actions !== undefined && <td role="cell" />}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ title, cell }) => (
              <td key={title} role="cell" data-title={title} className="selectable">
                {cell(row)}
              </td>
            ))}
            {actions !== undefined && (
              <td role="cell" className={styles.actions}>
                {actions(row)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
