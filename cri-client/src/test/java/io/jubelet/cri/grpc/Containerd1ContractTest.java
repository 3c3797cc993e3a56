/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ImageService;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.RuntimeServiceContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract on a real containerd 1.x. */
@Tag("containerd")
class Containerd1ContractTest extends RuntimeServiceContract {
    private static CriConnection connection;

    @BeforeAll
    static void connect() {
        connection = OnContainerd.connect(OnContainerd.V1);
    }

    @AfterAll
    static void disconnect() {
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    protected RuntimeService runtime() {
        return connection.runtimeService();
    }

    @Override
    protected ImageService images() {
        return connection.imageService();
    }

    @Override
    protected RuntimeEvents events() {
        return connection.events();
    }
}
