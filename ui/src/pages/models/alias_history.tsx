import { useMay } from '../../api/me.ts';
import {
  useAliasActions,
  useAliasMoves,
  type AliasMove,
  type EntryKind,
} from '../../api/registry_queries.ts';
import { Button } from '../../components/button.tsx';
import { Failure, Loading } from '../../components/notice.tsx';
import { Modal } from '../../components/modal.tsx';
import { Time } from '../../components/time.tsx';
import '../../components/values.css';

/** Every move of every alias of one name, newest first; the newest of each alias can be taken back. */
export function AliasHistory({
  kind,
  name,
  onClose,
}: {
  kind: EntryKind;
  name: string;
  onClose: () => void;
}) {
  const moves = useAliasMoves(kind, name);
  const { undo } = useAliasActions(kind, name);
  const mayChange = useMay()('develop');
  const list = moves.data?.items ?? [];
  const isNewest = (move: AliasMove) => list.find(({ alias }) => alias === move.alias) === move;
  return (
    <Modal title={`Alias moves of ${name}`} wide open onOpenChange={(open) => !open && onClose()}>
      <div className="modal-body">
        {moves.error && <Failure error={moves.error} onRetry={() => void moves.refetch()} />}
        {undo.error && <Failure error={undo.error} />}
        {moves.isPending && <Loading what="the history" />}
        {moves.data && list.length === 0 && <p className="soft">No alias has moved yet.</p>}
        {list.length > 0 && (
          <table className="values">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Alias</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Who</th>
                <th scope="col">Why</th>
                <th scope="col">
                  <span className="visually-hidden">Take back</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((move) => (
                <tr key={move.id}>
                  <td>
                    <Time us={move.at_us} as="minute" />
                  </td>
                  <td className="mono">@{move.alias}</td>
                  <td>{move.from === null ? '–' : `v${move.from}`}</td>
                  <td>{move.to === null ? 'taken away' : `v${move.to}`}</td>
                  <td>{move.actor || '–'}</td>
                  <td className="soft">{move.reason || '–'}</td>
                  <td>
                    {mayChange && isNewest(move) && (
                      <Button
                        icon="undo"
                        look="ghost"
                        disabled={undo.isPending}
                        onClick={() => undo.mutate(move.id)}
                      >
                        Undo
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Modal>
  );
}
