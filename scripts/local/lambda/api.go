package lambda

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Handler serves Lambda's Invoke operation, so that the AWS command line can
// call a function: POST /2015-03-31/functions/NAME/invocations.
func (h *Host) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", h.invoke)
	return mux
}

func (h *Host) invoke(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		exception(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", "The payload is larger than 6 MB.")
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		exception(w, http.StatusBadRequest, "InvalidRequestContentException", "The payload is not valid JSON.")
		return
	}
	answer, err := h.Invoke(r.Context(), r.PathValue("name"), payload)
	failure, failed := errors.AsType[*Error](err)
	switch {
	case errors.Is(err, ErrUnknown):
		exception(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+r.PathValue("name"))
		return
	case failed:
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		if answer, err = json.Marshal(failure); err != nil {
			answer = []byte("{}")
		}
	case err != nil:
		exception(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	_, _ = w.Write(answer) // the caller may have gone
}

func exception(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": message}) // the caller may have gone
}
