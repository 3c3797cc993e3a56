/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelSecurityTest {

    @TempDir
    private Path root;

    private void write(String file, String content) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.writeString(root.resolve(file), content);
    }

    @Test
    void readsWhetherAppArmorIsEnabled() throws IOException {
        KernelSecurity kernel = new KernelSecurity(root);
        assertFalse(kernel.hasAppArmor());
        write("sys/module/apparmor/parameters/enabled", "N\n");
        assertFalse(kernel.hasAppArmor());
        write("sys/module/apparmor/parameters/enabled", "Y\n");
        assertTrue(kernel.hasAppArmor());
    }

    @Test
    void readsWhetherSeccompIsAvailable() throws IOException {
        write("proc/self/status", "Name:\tjava\nNoNewPrivs:\t0\n");
        assertFalse(new KernelSecurity(root).hasSeccomp());
        write("proc/self/status", "Name:\tjava\nSeccomp:\t0\n");
        assertTrue(new KernelSecurity(root).hasSeccomp());
        boolean here = Files.readString(Path.of("/proc/self/status")).contains("\nSeccomp:");
        assertEquals(here, new KernelSecurity().hasSeccomp());
    }
}
