/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import io.jubelet.fuzz.InputBudget;
import io.jubelet.fuzz.Messages;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** KubeletConfigurations: what any file may cause. */
class KubeletConfigurationFuzzTest extends FuzzTargetTest {

    KubeletConfigurationFuzzTest() {
        super("kubelet-configuration", Target.class);
    }

    static final class Target implements FuzzTarget {

        private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

        private final FlagValues flags = Configs.flags();

        @Override
        public void run(byte[] input) throws Exception {
            LoadedConfig loaded = InputBudget.within(
                    () -> LoadedConfig.parse(flags, input, Path.of("/etc/kubernetes/kubelet.conf"), Configs.HOSTNAME));
            loaded.errors().forEach(Messages::requirePrintable);
            loaded.warnings().forEach(Messages::requirePrintable);
        }

        @Override
        public List<byte[]> seeds() throws Exception {
            List<byte[]> seeds = new ArrayList<>();
            try (InputStream kubeadm = getClass().getResourceAsStream("kubeadm-kubelet.yaml")) {
                seeds.add(kubeadm.readAllBytes());
            }
            Set<String> texts = new LinkedHashSet<>();
            for (String line : KubeletSetting.lines("cases.jsonl")) {
                if (Documents.readJson(line, new Findings()) instanceof Node.Mapping given
                        && given.get("config") instanceof Node.Scalar config) {
                    texts.add(config.value());
                }
            }
            for (String text : texts) {
                seeds.add((HEAD + text).getBytes(StandardCharsets.UTF_8));
            }
            return seeds;
        }
    }
}
