/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ExecResult;
import io.jubelet.cri.http2.MessageLimit;

/**
 * The limits of messages from a server, by what they contain. A container decides the size of some
 * of them: the output of a command is its own, and so is a health server.
 */
final class ResponseLimits {

    /**
     * The maximum for a message about one object, and for one event: 4 MiB, the default of gRPC.
     * With the annotations that Kubernetes allows for a pod, it is below 1 MiB.
     */
    static final MessageLimit OBJECT = MessageLimit.ofMessage(4 << 20);

    /**
     * The maximum for a list: 16 MiB, which is the kubelet's limit, and the most that containerd
     * sends. A container takes about 1 KiB of it.
     */
    static final MessageLimit LIST = MessageLimit.ofMessage(16 << 20);

    /**
     * The output of a command is cut, so the response can be of any size. What is not output fits
     * into the additional KiB.
     */
    static final MessageLimit EXEC =
            MessageLimit.ofFields(ExecResult.MAX_OUTPUT_BYTES, 2 * ExecResult.MAX_OUTPUT_BYTES + (1 << 10));

    /**
     * The maximum for the answer of a health server: 4 KiB. It consists of one number, and the rest
     * is room for fields that a later version might have. Each probe can have one in memory.
     */
    static final MessageLimit HEALTH = MessageLimit.ofMessage(4 << 10);

    private ResponseLimits() {}
}
