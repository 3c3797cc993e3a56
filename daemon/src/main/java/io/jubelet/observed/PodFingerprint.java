/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;

/**
 * A number that identifies what lists show of a pod, IDs and states: the sum over its sandboxes and
 * containers, so that the order does not matter.
 */
final class PodFingerprint {

    private PodFingerprint() {}

    static long of(PodSandbox listed) {
        return mixed(listed.id().value(), listed.state().ordinal());
    }

    static long of(Container listed) {
        return mixed(listed.id().value(), listed.state().ordinal());
    }

    static long of(ObservedPod pod) {
        long sum = 0;
        for (ObservedSandbox sandbox : pod.sandboxes()) {
            PodSandboxState state = sandbox.ready() ? PodSandboxState.READY : PodSandboxState.NOT_READY;
            sum += mixed(sandbox.id().value(), state.ordinal());
        }
        for (ObservedContainer container : pod.containers()) {
            sum += mixed(container.id().value(), state(container.state()).ordinal());
        }
        return sum;
    }

    /** The state as a list shows it. */
    static ContainerState state(ObservedContainer.State state) {
        return switch (state) {
            case ObservedContainer.State.Created _ -> ContainerState.CREATED;
            case ObservedContainer.State.Running _, ObservedContainer.State.Starting _ -> ContainerState.RUNNING;
            case ObservedContainer.State.Exited _ -> ContainerState.EXITED;
            case ObservedContainer.State.Unknown _ -> ContainerState.UNKNOWN;
        };
    }

    /** A 64-bit FNV-1a of both, mixed so that sums do not collide. */
    private static long mixed(String id, int state) {
        long hash = 0xcbf29ce484222325L ^ state;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        return hash * 0x9e3779b97f4a7c15L;
    }
}
