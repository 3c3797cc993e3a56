package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.pod.Pod;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The content of one manifest file: its pods, or what is wrong with it. Needs no running daemon.
 *
 * @param documents the pods with their places; none when there are errors
 * @param errors by place; with any, nothing of the file is used
 * @param warnings by place
 */
public record ManifestFile(List<Document> documents, List<Problem> errors, List<Problem> warnings) {

    /** How long a manifest may be, in bytes. */
    public static final int MAX_SIZE = 10 << 20;

    /**
     * A pod and where its name is written.
     *
     * @param line of metadata.name
     * @param column of metadata.name
     */
    public record Document(Pod pod, int line, int column) {}

    public ManifestFile {
        documents = List.copyOf(documents);
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /** Whether the pods of this file can be run. */
    public boolean accepted() {
        return errors.isEmpty();
    }

    /** The pods, in the order of the file. */
    public List<Pod> pods() {
        List<Pod> pods = new ArrayList<>(documents.size());
        for (Document document : documents) {
            pods.add(document.pod());
        }
        return pods;
    }

    /**
     * Reads a manifest for a node.
     *
     * @throws IOException when the file cannot be read; what is wrong with its content is in the result
     */
    public static ManifestFile read(Path path, String node) throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(path)) {
            content = in.readNBytes(MAX_SIZE + 1);
        }
        return parse(content, path.toString(), node);
    }

    /** Parses the content of a manifest. */
    public static ManifestFile parse(byte[] content, String source, String node) {
        if (content.length > MAX_SIZE) {
            return refused("is larger than 10 MiB");
        }
        if (content.length == 0) {
            return refused("is empty");
        }
        Findings findings = new Findings();
        List<Node> nodes = Documents.read(content, findings);
        PodParser parser = new PodParser(node, source, findings);
        List<Document> documents = new ArrayList<>(nodes.size());
        for (Node root : nodes) {
            Pod pod = parser.parse(root);
            if (pod != null) {
                Node name = ((Node.Mapping) ((Node.Mapping) root).get("metadata")).get("name");
                checkUnique(documents, pod, name, findings);
                documents.add(new Document(pod, name.line(), name.column()));
            }
        }
        if (nodes.isEmpty() && findings.errorCount() == 0) {
            return refused("contains no document, only comments or blank lines");
        }
        List<Document> accepted = findings.errorCount() == 0 ? documents : List.of();
        return new ManifestFile(accepted, problems(findings.errors()), problems(findings.warnings()));
    }

    /** Reads a pod again from what {@link Pod#document()} kept; empty when this version does not accept it. */
    public static Optional<Pod> recall(String document, String source, String node) {
        Findings findings = new Findings();
        Node root = Documents.readJson(document, findings);
        return root == null ? Optional.empty() : Optional.ofNullable(new PodParser(node, source, findings).parse(root));
    }

    private static void checkUnique(List<Document> documents, Pod pod, Node name, Findings findings) {
        for (Document other : documents) {
            if (other.pod().name().equals(pod.name())) {
                findings.error(
                        name,
                        "metadata.name",
                        "the pod " + pod.name() + " is already in this file, at line " + other.line()
                                + "; rename or remove one of the two");
            }
        }
    }

    private static ManifestFile refused(String message) {
        return new ManifestFile(List.of(), List.of(Problem.ofFile(message)), List.of());
    }

    private static List<Problem> problems(List<Finding> findings) {
        List<Problem> problems = new ArrayList<>(findings.size());
        for (Finding finding : findings) {
            problems.add(new Problem(finding.line(), finding.column(), finding.field(), finding.message()));
        }
        return problems;
    }
}
