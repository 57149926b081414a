package boxsim

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// controlRoutes are for whoever drives the simulator over HTTP.
func (s *Sim) controlRoutes() {
	s.mux.HandleFunc("GET /_sim/stats", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Stats())
	})
	s.mux.HandleFunc("POST /_sim/reset", s.controlReset)
	s.mux.HandleFunc("GET /_sim/clock", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, object{"now": s.Now()})
	})
	s.mux.HandleFunc("POST /_sim/clock", s.controlClock)
	s.mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.plannedFaults())
	})
	s.mux.HandleFunc("POST /_sim/faults", s.controlFaults)
	s.mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
}

// readControl decodes a body, which may be empty.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into)
	if err != nil && err != io.EOF {
		writeJSON(w, http.StatusBadRequest, object{"error": err.Error()})
		return false
	}
	return true
}

// controlReset clears faults, counters and limits; with {"state":true} it also
// goes back to what Mark saved.
func (s *Sim) controlReset(w http.ResponseWriter, r *http.Request) {
	var in struct{ State bool }
	if !readControl(w, r, &in) {
		return
	}
	s.Reset()
	if in.State {
		if err := s.Return(); err != nil {
			writeJSON(w, http.StatusConflict, object{"error": err.Error()})
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sim) controlClock(w http.ResponseWriter, r *http.Request) {
	var in struct{ Advance string }
	if !readControl(w, r, &in) {
		return
	}
	d, err := time.ParseDuration(in.Advance)
	if err != nil || d < 0 {
		writeJSON(w, http.StatusBadRequest, object{"error": `want {"advance":"24h"}`})
		return
	}
	s.Advance(d)
	writeJSON(w, http.StatusOK, object{"now": s.Now()})
}

// controlFaults plans one fault or a list of them and answers their numbers.
func (s *Sim) controlFaults(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if !readControl(w, r, &raw) {
		return
	}
	var list []Fault
	if err := json.Unmarshal(raw, &list); err != nil {
		var one Fault
		if err := json.Unmarshal(raw, &one); err != nil {
			writeJSON(w, http.StatusBadRequest, object{"error": err.Error()})
			return
		}
		list = []Fault{one}
	}
	numbers := []int{}
	for _, f := range list {
		numbers = append(numbers, s.Fault(f))
	}
	writeJSON(w, http.StatusCreated, object{"faults": numbers})
}

func (s *Sim) plannedFaults() []object {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []object{}
	for _, f := range s.faults.list {
		list = append(list, object{"number": f.number, "used": f.used, "fault": f.Fault})
	}
	return list
}
