/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.config.FlagValues;
import io.jubelet.config.Setting;
import io.jubelet.config.SettingTable;
import io.jubelet.config.Settings;
import io.jubelet.document.FieldTable;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTest {

    private final AtomicReference<FlagValues> flags = new AtomicReference<>();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aFlagThatIsNotGivenHasNoValue() {
        assertEquals(7, run("run"));
        assertEquals(FlagValues.NONE, flags.get());
    }

    @Test
    void passesTheFlagsOn() {
        run(
                "run",
                "--pod-manifest-path=/m",
                "--config",
                "/c.yaml",
                "--node-ip=192.0.2.1,2001:db8::1",
                "--node-ip=192.0.2.2",
                "--local-config=false",
                "--seccomp-default",
                "--resolv-conf=",
                "--pod-max-pids",
                "-1",
                "--provider-id=a",
                "--provider-id=b",
                "--add-dir-header",
                "--v=4");
        assertEquals(
                Map.of(
                        "--pod-manifest-path", "/m",
                        "--config", "/c.yaml",
                        "--node-ip", "192.0.2.2",
                        "--local-config", "false",
                        "--seccomp-default", "true",
                        "--resolv-conf", "",
                        "--pod-max-pids", "-1",
                        "--provider-id", "b",
                        "--add-dir-header", "true",
                        "--v", "4"),
                named());
        assertEquals(4, flags.get().verbosity());
    }

    private Map<String, String> named() {
        Map<String, String> named = new HashMap<>();
        flags.get().values().forEach((setting, value) -> named.put(setting.name(), value));
        return named;
    }

    @Test
    void theSocketCanStandBeforeTheCommandAndTheOneBehindItWins() {
        run("--api-socket=/a.sock", "run");
        assertEquals(Optional.of("/a.sock"), flags.get().value(Settings.API_SOCKET));
        run("--api-socket", "/a.sock", "run", "--api-socket=/b.sock");
        assertEquals(Optional.of("/b.sock"), flags.get().value(Settings.API_SOCKET));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --file-check-frequency=20 | error: --file-check-frequency=20: "20" is not a duration
            -v much                   | error: --v=much: must be a whole number
            --local-config=perhaps    | error: --local-config=perhaps: must be true or false
            --register-node false     | error: unexpected argument false; write --register-node=false, as with the kubelet
            --event-qps               | error: --event-qps needs a value: write --event-qps=N
            -v                        | error: -v needs a value: write -v=N
            -w                        | error: unknown option -w
            --node-labels a --kube-reserved cpu | error: --kube-reserved=cpu: must be pairs such as KEY=VALUE
            --eviction-hard=cpu=1     | error: --eviction-hard=cpu=1: must be pairs such as memory.available<100Mi
            --cluster-dns="a          | error: --cluster-dns="a: has a quotation mark
            --event-qps=many --max-pods=9x | --event-qps=many: must be a whole number, but is "many"; --max-pods=9x: must
            """)
    void aValueOfAnotherTypeIsWrongUsage(String words, String message) {
        assertEquals(2, run(("run " + words).split(" ")));
        String said = err.toString(StandardCharsets.UTF_8);
        for (String part : message.split("; ")) {
            assertTrue(said.contains(part), said);
        }
        assertTrue(said.contains("See jubelet run --help"), said);
    }

    @Test
    void theHelpHasEveryFlagThatIsHonoured() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(0, execute(new PrintStream(out, true, StandardCharsets.UTF_8), "run", "--help"));
        String help = out.toString(StandardCharsets.UTF_8);
        for (Setting setting : SettingTable.all()) {
            if (setting.hasFlag()) {
                boolean honoured = setting.use() == FieldTable.Use.HONOURED;
                assertEquals(honoured, help.matches("(?s).*" + setting.name() + "[\\[=].*"), setting.name());
            }
        }
        assertTrue(help.contains("unix:///run/containerd/containerd.sock"), help);
    }

    private int run(String... arguments) {
        return execute(new PrintStream(OutputStream.nullOutputStream()), arguments);
    }

    private int execute(PrintStream out, String... arguments) {
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new JubeletCommand(new Terminal(out, errors, InstantSource.system()), given -> {
                    flags.set(given);
                    return 7;
                })
                .execute(arguments);
    }
}
