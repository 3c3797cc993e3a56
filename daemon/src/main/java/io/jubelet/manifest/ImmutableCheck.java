package io.jubelet.manifest;

import io.jubelet.document.Finding;
import io.jubelet.pod.ConfigObject;
import java.util.ArrayList;
import java.util.List;

/** What {@code immutable: true} means for files: an edit does not pass, as an API server would not let it pass. Pure. */
public final class ImmutableCheck {

    private ImmutableCheck() {}

    /** The objects that were immutable before and are others now. One that is removed may come back as it likes. */
    public static List<Finding> changed(List<ManifestFile.Document> before, List<ManifestFile.Document> now) {
        List<Finding> problems = new ArrayList<>();
        for (ManifestFile.Document old : before) {
            if (old.content() instanceof ManifestFile.OfConfig(ConfigObject kept, String _) && kept.immutable()) {
                for (ManifestFile.Document each : now) {
                    if (each.content() instanceof ManifestFile.OfConfig(ConfigObject next, String _)
                            && each.key().equals(old.key())
                            && !next.equals(kept)) {
                        problems.add(new Finding(
                                each.line(),
                                each.column(),
                                "immutable",
                                each.key().inWords() + " is immutable and must not change; give the new one another"
                                        + " name, or remove this one from the file and add it again"));
                    }
                }
            }
        }
        return problems;
    }
}
