/** Which columns a data grid shows, and everything about them back to how it was at first. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconColumns } from '@tabler/icons-react';
import type { RowData } from '@tanstack/react-table';
import type { ShownGrid } from './data-grid-columns.ts';
import style from './data-grid.module.css';

export function ColumnsMenu<Row extends RowData>({ grid }: { readonly grid: ShownGrid<Row> }) {
  const { definition, table, columns, reset } = grid;
  return (
    // The placeholder that would have the keyboard first is nothing that may stand in a menu.
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon className={style['menu'] ?? ''} size={22} aria-label="Choose the columns" title="Choose the columns">
          <IconColumns size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {definition.columns.map((column) => {
          const isShown = columns.includes(column);
          return (
            <Menu.CheckboxItem
              key={column.name}
              checked={isShown}
              // The last one stays.
              disabled={isShown && columns.length === 1}
              onChange={(shown) => table.getColumn(column.name)?.toggleVisibility(shown)}
            >
              {column.title}
            </Menu.CheckboxItem>
          );
        })}
        <Menu.Divider />
        <Menu.Item onClick={reset}>Columns, widths and order as at first</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
