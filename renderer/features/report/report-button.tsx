import { useState } from 'react';
import { strings } from '../../strings/index.ts';
import { Button } from '../../ui/button/button.tsx';
import { ReportDialog } from './report-dialog.tsx';

export function ReportButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        onClick={() => {
          setOpen(true);
        }}
      >
        {strings.report.open}
      </Button>
      {open && (
        <ReportDialog
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}
