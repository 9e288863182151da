import type { chatBody } from '../../api/chat.ts';
import { apiKey } from '../../api/credentials.ts';
import { Modal } from '../../components/modal.tsx';
import { RawText } from '../../components/raw_text.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { codeSamples } from './code_samples.ts';

interface Props {
  body: ReturnType<typeof chatBody>;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function CodeDialog({ body, open, onOpenChange }: Props) {
  const samples = codeSamples(location.origin, body, apiKey() !== '');
  return (
    <Modal title="The same request in code" open={open} onOpenChange={onOpenChange} wide>
      <Tabs
        label="Language"
        className="modal-body"
        tabs={samples.map(({ language, code }) => ({
          name: language,
          content: <RawText text={code} label={`${language} code`} />,
        }))}
      />
    </Modal>
  );
}
