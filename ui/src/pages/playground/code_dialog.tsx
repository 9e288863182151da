import { Tabs } from 'radix-ui';
import type { chatBody } from '../../api/chat.ts';
import { CopyButton } from '../../components/copy_button.tsx';
import { Modal } from '../../components/modal.tsx';
import { codeSamples } from './code_samples.ts';

interface Props {
  body: ReturnType<typeof chatBody>;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function CodeDialog({ body, open, onOpenChange }: Props) {
  const samples = codeSamples(location.origin, body);
  return (
    <Modal title="The same request in code" open={open} onOpenChange={onOpenChange} wide>
      <Tabs.Root defaultValue={samples[0]?.language} className="modal-body">
        <Tabs.List className="tabs" aria-label="Language">
          {samples.map(({ language }) => (
            <Tabs.Trigger key={language} value={language}>
              {language}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {samples.map(({ language, code }) => (
          <Tabs.Content key={language} value={language} className="raw">
            <CopyButton text={code} label={`Copy the ${language} code`}>
              Copy
            </CopyButton>
            <pre tabIndex={0} aria-label={`${language} code`}>
              {code}
            </pre>
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </Modal>
  );
}
