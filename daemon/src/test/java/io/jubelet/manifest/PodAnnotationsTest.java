/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Profile;
import io.jubelet.pod.SecurityProfiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodAnnotationsTest {

    private static final Profile DEFAULT = new Profile.RuntimeDefault();
    private static final Profile UNCONFINED = new Profile.Unconfined();

    private static ManifestFile parse(String annotations, String podSecurity, String containerSecurity) {
        return ManifestFile.parse(
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  annotations: {%s}
                spec:
                  securityContext: {%s}
                  initContainers:
                  - {name: setup, image: busybox}
                  containers:
                  - name: app
                    image: busybox
                    securityContext: {%s}
                  - {name: extra, image: busybox}
                """.formatted(annotations, podSecurity, containerSecurity).getBytes(StandardCharsets.UTF_8),
                "/m/web.yaml",
                "node1");
    }

    private static Pod pod(ManifestFile file) {
        assertEquals(List.of(), file.errors());
        return file.pods().getFirst();
    }

    private static List<String> warnings(ManifestFile file) {
        return file.warnings().stream().map(Finding::toString).toList();
    }

    private static SecurityProfiles of(Pod pod, String container) {
        return pod.spec().container(container).orElseThrow().security().profiles();
    }

    @Test
    void seccompOfPodAppliesWithTheLinesToWrite() {
        ManifestFile file = parse("seccomp.security.alpha.kubernetes.io/pod: runtime/default", "", "");
        assertEquals(
                Optional.of(DEFAULT), pod(file).spec().security().profiles().seccomp());
        assertEquals(
                List.of("5:17: metadata.annotations.seccomp.security.alpha.kubernetes.io/pod: applies, but the kubelet"
                        + " does not read it any more; write in spec: securityContext: {seccompProfile: {type:"
                        + " RuntimeDefault}}"),
                warnings(file));
    }

    @ParameterizedTest
    @CsvSource({"app, spec.containers[0]", "extra, spec.containers[1]", "setup, spec.initContainers[0]"})
    void seccompOfContainerAppliesToIt(String container, String path) {
        ManifestFile file = parse(
                "container.seccomp.security.alpha.kubernetes.io/" + container + ": localhost/profiles/a.json", "", "");
        assertEquals(
                Optional.of(new Profile.Localhost("profiles/a.json")),
                of(pod(file), container).seccomp());
        assertEquals(Optional.empty(), pod(file).spec().security().profiles().seccomp());
        String warning = warnings(file).getFirst();
        assertTrue(
                warning.endsWith("write in " + path + ": securityContext: {seccompProfile: {type: Localhost,"
                        + " localhostProfile: \"profiles/a.json\"}}"),
                warning);
    }

    @ParameterizedTest
    @CsvSource({"runtime/default, RuntimeDefault", "docker/default, RuntimeDefault", "unconfined, Unconfined"})
    void seccompValuesOfOldAreKnown(String value, String type) {
        ManifestFile file = parse("seccomp.security.alpha.kubernetes.io/pod: " + value, "", "");
        Profile profile = pod(file).spec().security().profiles().seccomp().orElseThrow();
        assertEquals(type, profile.getClass().getSimpleName());
    }

    @Test
    void fieldWinsOverAnnotationOfTheSameLevel() {
        ManifestFile file = parse(
                "seccomp.security.alpha.kubernetes.io/pod: unconfined,"
                        + " container.seccomp.security.alpha.kubernetes.io/app: unconfined",
                "seccompProfile: {type: RuntimeDefault}",
                "seccompProfile: {type: RuntimeDefault}");
        assertEquals(
                Optional.of(DEFAULT), pod(file).spec().security().profiles().seccomp());
        assertEquals(Optional.of(DEFAULT), of(pod(file), "app").seccomp());
        assertEquals(2, warnings(file).size());
        warnings(file).forEach(warning -> assertTrue(warning.contains("is ignored because"), warning));
    }

    @Test
    void annotationOfContainerWinsOverFieldOfPod() {
        ManifestFile file = parse(
                "container.seccomp.security.alpha.kubernetes.io/extra: unconfined,"
                        + " container.apparmor.security.beta.kubernetes.io/extra: unconfined",
                "seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: RuntimeDefault}",
                "");
        assertEquals(Optional.of(UNCONFINED), of(pod(file), "extra").seccomp());
        assertEquals(Optional.of(UNCONFINED), of(pod(file), "extra").appArmor());
        assertEquals(Optional.empty(), of(pod(file), "app").seccomp());
    }

    @Test
    void appArmorOfContainerApplies() {
        ManifestFile file = parse("container.apparmor.security.beta.kubernetes.io/app: localhost/mine", "", "");
        assertEquals(
                Optional.of(new Profile.Localhost("mine")), of(pod(file), "app").appArmor());
        String warning = warnings(file).getFirst();
        assertTrue(
                warning.endsWith("write in spec.containers[0]: securityContext: {appArmorProfile: {type: Localhost,"
                        + " localhostProfile: \"mine\"}}"),
                warning);
    }

    @Test
    void annotationThatAgreesWithItsFieldIsAccepted() {
        ManifestFile file = parse(
                "container.apparmor.security.beta.kubernetes.io/app: runtime/default",
                "",
                "appArmorProfile: {type: RuntimeDefault}");
        assertEquals(Optional.of(DEFAULT), of(pod(file), "app").appArmor());
        assertEquals(List.of(), warnings(file));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            seccomp.security.alpha.kubernetes.io/pod: mine                   | must be runtime/default, unconfined, or localhost/
            seccomp.security.alpha.kubernetes.io/pod: localhost/             | must be runtime/default, unconfined, or localhost/
            seccomp.security.alpha.kubernetes.io/pod: localhost/../a         | must name a profile below the directory
            container.seccomp.security.alpha.kubernetes.io/app: localhost//a | must name a profile below the directory
            container.apparmor.security.beta.kubernetes.io/app: mine         | must be runtime/default, unconfined, or localhost/
            container.apparmor.security.beta.kubernetes.io/app: localhost/   | must name a profile after localhost/
            container.apparmor.security.beta.kubernetes.io/no: unconfined    | this pod has no container "no"
            """)
    void profileThatCannotBeMeantIsRefused(String annotation, String message) {
        List<Finding> errors = parse(annotation, "", "").errors();
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().message().startsWith(message), errors::toString);
    }

    @Test
    void annotationThatContradictsAppArmorFieldIsRefused() {
        List<Finding> errors = parse(
                        "container.apparmor.security.beta.kubernetes.io/app: unconfined",
                        "",
                        "appArmorProfile: {type: RuntimeDefault}")
                .errors();
        assertTrue(errors.getFirst().message().startsWith("must name the same profile"), errors::toString);
    }

    @Test
    void seccompOfUnknownContainerIsWarnedAbout() {
        ManifestFile file = parse("container.seccomp.security.alpha.kubernetes.io/no: unconfined", "", "");
        pod(file);
        assertTrue(warnings(file).getFirst().endsWith("is ignored because this pod has no container \"no\""));
    }

    @Test
    void defaultContainerIsOneOfThePod() {
        assertEquals(List.of(), warnings(parse("kubectl.kubernetes.io/default-container: extra", "", "")));
        assertEquals(
                List.of("5:17: metadata.annotations.kubectl.kubernetes.io/default-container: this pod has no container"
                        + " \"other\", so the annotation has no effect"),
                warnings(parse("kubectl.kubernetes.io/default-container: other", "", "")));
    }

    @Test
    void updateHasOneValue() {
        assertEquals(
                "stop-first",
                pod(parse("jubelet.io/update: stop-first", "", ""))
                        .annotations()
                        .get(Pod.UPDATE));
        assertEquals(
                List.of("5:17: metadata.annotations.jubelet.io/update: must be stop-first, or be left out for an update"
                        + " whose new version is prepared while the old one runs; it is \"in-place\""),
                parse("jubelet.io/update: in-place", "", "").errors().stream()
                        .map(Finding::toString)
                        .toList());
    }
}
