/**
 * Reporting: worker views and refused manifests in, statuses and explanations out.
 *
 * <p>Workers publish to the {@code StatusStore}, which only stores; everything else here is pure and runs on the thread
 * of whoever asks. Nothing here acts, and nothing here is asked by those who decide.
 */
package io.jubelet.status;
