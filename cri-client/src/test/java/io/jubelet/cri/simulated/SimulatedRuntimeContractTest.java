/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ImageService;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.RuntimeServiceContract;
import java.net.URI;

/** The contract on the simulation, in real time. */
class SimulatedRuntimeContractTest extends RuntimeServiceContract {
    private final SimulatedRuntime simulation = SimulatedRuntime.createWritingLogs(SimulatedClock.real());

    SimulatedRuntimeContractTest() {
        simulation.images().add("docker.io/library/busybox:1");
        simulation.streams().servedAt(URI.create("http://127.0.0.1:1/"));
    }

    @Override
    protected RuntimeService runtime() {
        return simulation.runtimeService();
    }

    @Override
    protected ImageService images() {
        return simulation.imageService();
    }

    @Override
    protected RuntimeEvents events() {
        return simulation.events();
    }
}
