import { useEffect, useState } from 'react';
import type { TrafficHistory } from '../../../../main/contracts/host-control.ts';
import { call } from '../../../store/client.ts';

const nothing: TrafficHistory = { hour: [], day: [] };

/** @param newestMs  the moment of the newest sample: with each new one all are read again, which are some hundreds */
export function useTraffic(newestMs: number | undefined): TrafficHistory {
  const [traffic, setTraffic] = useState(nothing);
  useEffect(() => {
    let isCurrent = true;
    void call('host.traffic').then((result) => {
      if (isCurrent && result.ok) setTraffic(result.value);
    });
    return () => {
      isCurrent = false;
    };
  }, [newestMs]);
  return traffic;
}
