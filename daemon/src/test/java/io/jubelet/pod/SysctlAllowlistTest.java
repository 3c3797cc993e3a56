/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SysctlAllowlistTest {

    private static PodSpec spec(boolean hostNetwork, boolean hostIpc, String... names) {
        LinkedHashMap<String, String> sysctls = new LinkedHashMap<>();
        for (String name : names) {
            sysctls.put(name, "1");
        }
        return PodSpec.builder(List.of(ContainerSpec.builder("app", "busybox").build()))
                .hostNetwork(hostNetwork)
                .isolation(new Isolation(false, hostIpc, true, ""))
                .security(new PodSecurity(RunAs.UNSET, PodGroups.UNSET, SecurityProfiles.UNSET, sysctls))
                .build();
    }

    private static Optional<String> rejection(List<String> unsafe, String name) {
        return new SysctlAllowlist(unsafe).rejection(spec(false, false, name));
    }

    @Test
    void onlySafeSysctlsAreAllowedByDefault() {
        assertEquals(Optional.empty(), rejection(List.of(), "net.ipv4.tcp_rmem"));
        assertEquals(Optional.empty(), rejection(List.of(), "kernel.shm_rmid_forced"));
        assertEquals(
                Optional.of("forbidden sysctl: \"net.core.somaxconn\" not allowlisted; the node allows it when it is"
                        + " started with --allowed-unsafe-sysctls=net.core.somaxconn"),
                rejection(List.of(), "net.core.somaxconn"));
    }

    @ParameterizedTest
    @CsvSource({
        "net.core.somaxconn, net.core.somaxconn, true",
        "net.core.somaxconn, net.core.somaxconn2, false",
        "net/core/somaxconn, net.core.somaxconn, true",
        "net.core.*, net.core.somaxconn, true",
        "net.core.*, net.ipv4.tcp_mem, false",
        "kernel.msg*, kernel.msgmax, true",
        "kernel.msg*, kernel.sem, false"
    })
    void allowsNamesAndPrefixes(String pattern, String name, boolean allowed) {
        assertEquals(allowed, rejection(List.of(pattern), name).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "kernel.*", "vm.swappiness", "Net.x", "", "net..x", "net.*.x", "kernel.threads-max"})
    void patternMustBeNamespaced(String pattern) {
        assertThrows(IllegalArgumentException.class, () -> new SysctlAllowlist(List.of(pattern)));
        assertNull(SysctlAllowlist.check("net.*"));
    }

    @Test
    void hostNamespaceSysctlsAreForbidden() {
        SysctlAllowlist list = new SysctlAllowlist(List.of("kernel.msgmax"));
        assertTrue(list.rejection(spec(true, false, "net.ipv4.tcp_syncookies"))
                .orElseThrow()
                .endsWith("not allowed with host Net enabled"));
        assertTrue(list.rejection(spec(false, true, "kernel.msgmax"))
                .orElseThrow()
                .endsWith("not allowed with host IPC enabled"));
        assertEquals(Optional.empty(), list.rejection(spec(true, false, "kernel.msgmax")));
    }

    @ParameterizedTest
    @CsvSource({
        "net/ipv4/conf/eth0.1/rp_filter, net.ipv4.conf.eth0/1.rp_filter",
        "net.ipv4.conf.eth0/1.rp_filter, net.ipv4.conf.eth0/1.rp_filter",
        "kernel/sem, kernel.sem",
        "a, a"
    })
    void swapsSlashesAndDotsIfSlashIsFirst(String name, String dotted) {
        assertEquals(dotted, Sysctls.dotted(name));
    }
}
